// Draws each report from the table behind it: what the chart shows is what the table says.
import { init } from "../vendor/echarts.js";

const SHOWN_MAX = 20;
const number = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));
const whole = (share) => `${Math.round(share * 100)} %`;
const percent = (share) => `${(share * 100).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;

function read(table) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows].map((row) => {
    const cells = [...row.cells];
    return Object.fromEntries(
      heads.map((head, n) => [
        head.dataset.name,
        head.dataset.kind === "text" || head.dataset.kind === "day" ? cells[n].textContent.trim() : number(cells[n]),
      ]),
    );
  });
  const words = Object.fromEntries(heads.map((head) => [head.dataset.name, head.textContent.trim()]));
  return { heads, rows, words };
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries(
    ["ink", "muted", "line", "surface", "accent", "accent-tint", "problem", "waiting"].map((name) => [name, token(name)]),
  );
}

const shared = (colour) => ({
  animation: false,
  textStyle: { color: colour.ink, fontFamily: getComputedStyle(document.body).fontFamily },
  tooltip: {
    renderMode: "richText",
    confine: true,
    backgroundColor: colour.surface,
    borderColor: colour.line,
    textStyle: { color: colour.ink },
  },
});
const axis = (colour) => ({
  axisLine: { lineStyle: { color: colour.line } },
  axisTick: { show: false },
  axisLabel: { color: colour.muted },
  splitLine: { lineStyle: { color: colour.line } },
});

// A bar for the share, a line for the interval; the lowest on top.
function intervals({ rows, words }, colour) {
  const shown = rows.filter((row) => row.share !== null).slice(0, SHOWN_MAX).reverse();
  const middle = shown.map((row, n) => ({ row, n }));
  return {
    grid: { left: 8, right: 56, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: "value", min: 0, max: 1, ...axis(colour), interval: 0.25, axisLabel: { color: colour.muted, formatter: whole, hideOverlap: true } },
    yAxis: {
      type: "category",
      data: shown.map((row) => row.institution),
      ...axis(colour),
      axisLabel: { color: colour.ink, width: 140, overflow: "truncate" },
    },
    series: [
      {
        type: "bar",
        name: words.share,
        barMaxWidth: 18,
        data: shown.map((row) => row.share),
        itemStyle: { color: colour["accent-tint"], borderColor: colour.accent, borderRadius: 2 },
        label: { show: true, position: "insideLeft", formatter: ({ value }) => percent(value), color: colour.ink },
        markLine: {
          symbol: ["none", "none"],
          silent: true,
          animation: false,
          label: { show: false },
          lineStyle: { color: colour.ink, type: "solid", width: 2 },
          data: middle.map(({ row, n }) => [{ coord: [row.low, n] }, { coord: [row.high, n] }]),
        },
      },
    ],
    tooltip: {
      ...shared(colour).tooltip,
      trigger: "item",
      formatter: ({ dataIndex }) => {
        const row = shown[dataIndex];
        return `${row.institution}\n${words.share} ${percent(row.share)} (${percent(row.low)} – ${percent(row.high)})\n${words.in_bed} ${row.in_bed} / ${row.known}`;
      },
    },
  };
}

// Stages in their order; what is overdue stands at the head of each bar.
function stages({ rows, words }, colour) {
  const shown = [...rows].reverse();
  return {
    grid: { left: 8, right: 120, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: "value", minInterval: 1, ...axis(colour) },
    yAxis: { type: "category", data: shown.map((row) => row.stage), ...axis(colour), axisLabel: { color: colour.ink } },
    series: [
      { type: "bar", stack: "all", name: words.overdue, barMaxWidth: 22, data: shown.map((row) => row.overdue), itemStyle: { color: colour.problem } },
      {
        type: "bar",
        stack: "all",
        name: words.open,
        barMaxWidth: 22,
        data: shown.map((row) => row.open - row.overdue),
        itemStyle: { color: colour.accent },
        label: {
          show: true,
          position: "right",
          color: colour.ink,
          formatter: ({ dataIndex }) => {
            const row = shown[dataIndex];
            if (!row.open) return "0";
            return row.overdue ? `${row.open}（${words.overdue} ${row.overdue}）` : `${row.open}`;
          },
        },
      },
    ],
    tooltip: {
      ...shared(colour).tooltip,
      trigger: "item",
      formatter: ({ dataIndex }) => {
        const row = shown[dataIndex];
        return `${row.stage}\n${words.open} ${row.open}\n${words.overdue} ${row.overdue}\n${words.median} ${row.median ?? "–"}\n${words.longest} ${row.longest ?? "–"}`;
      },
    },
  };
}

// Opened and closed so far: the gap between the lines is what is still open.
function lines({ rows, words }, colour) {
  const line = (name, tone, type) => ({
    type: "line",
    name: words[name],
    symbol: "none",
    step: "end",
    data: rows.map((row) => row[name]),
    lineStyle: { color: tone, width: 2, type },
    itemStyle: { color: tone },
    endLabel: { show: true, formatter: ({ value }) => `${words[name]} ${value}`, color: tone },
    areaStyle: name === "standing" ? { color: tone, opacity: 0.12 } : undefined,
  });
  return {
    grid: { left: 8, right: 130, top: 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", boundaryGap: false, data: rows.map((row) => row.day), ...axis(colour) },
    yAxis: { type: "value", minInterval: 1, ...axis(colour) },
    series: [line("standing", colour.problem, "solid"), line("closed", colour.accent, "dashed")],
    tooltip: { ...shared(colour).tooltip, trigger: "axis" },
  };
}

// Regions by months, darker where more of the institutions were visited.
function heat({ heads, rows }, colour) {
  const months = heads.map((head) => head.dataset.name).filter((name) => /^\d{4}-\d{2}$/.test(name));
  const regions = [...rows].reverse();
  return {
    grid: { left: 8, right: 16, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: months, position: "top", ...axis(colour), splitLine: { show: false } },
    yAxis: { type: "category", data: regions.map((row) => row.region), ...axis(colour), axisLabel: { color: colour.ink } },
    visualMap: { show: false, min: 0, max: 1, inRange: { color: [colour["accent-tint"], colour.accent] } },
    series: [
      {
        type: "heatmap",
        data: regions.flatMap((row, y) => months.map((month, x) => [x, y, row[month]])),
        itemStyle: { borderColor: colour.surface, borderWidth: 2 },
        label: {
          show: true,
          formatter: ({ value }) => whole(value[2]),
          color: colour.ink,
          textBorderColor: colour.surface,
          textBorderWidth: 3,
        },
      },
    ],
    tooltip: {
      ...shared(colour).tooltip,
      formatter: ({ value }) => `${regions[value[1]].region} · ${months[value[0]]}\n${percent(value[2])}`,
    },
  };
}

const kinds = { intervals, stages, lines, heat };
const drawn = new Map();

function draw(frame) {
  const table = document.getElementById(frame.dataset.of);
  const told = read(table);
  const colour = palette();
  const rows = Math.min(told.rows.length, SHOWN_MAX);
  if (frame.dataset.chart === "intervals" || frame.dataset.chart === "heat") {
    frame.style.height = `${Math.max(140, 28 * rows + 60)}px`;
  }
  let chart = drawn.get(frame);
  if (!chart) {
    chart = init(frame, null, { renderer: "canvas" });
    drawn.set(frame, chart);
    new ResizeObserver(() => chart.resize()).observe(frame);
  }
  chart.setOption({ ...shared(colour), ...kinds[frame.dataset.chart](told, colour) }, true);
  frame.dataset.drawn = String(told.rows.length);
}

const frames = [...document.querySelectorAll("[data-chart]")];
frames.forEach(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => frames.forEach(draw));
