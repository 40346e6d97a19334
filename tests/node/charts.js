// The parts of ECharts that the desk draws with; vendor.mjs bundles them.
import * as echarts from "echarts/core";
import { BarChart, FunnelChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent,
  BarChart,
  FunnelChart,
  GridComponent,
  HeatmapChart,
  LineChart,
  MarkLineComponent,
  CanvasRenderer,
  TooltipComponent,
  VisualMapComponent,
]);

export const { init } = echarts;
