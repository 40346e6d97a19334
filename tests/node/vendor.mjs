// Bundles the front-end libraries of the desk into server/static/vendor, with their versions and SHA-384 beside them.
// `node tests/node/vendor.mjs` after `npm ci --ignore-scripts`; the result is committed, so that users need no Node.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "../../server/static/vendor");
const licence = (name) => join(here, "node_modules", name, "LICENSE");

mkdirSync(target, { recursive: true });
await build({
  entryPoints: [join(here, "charts.js")],
  outfile: join(target, "echarts.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
});
copyFileSync(licence("echarts"), join(target, "echarts.LICENSE.txt"));
copyFileSync(licence("zrender"), join(target, "zrender.LICENSE.txt"));

const version = (name) => JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8")).version;
const digest = (file) => `sha384-${createHash("sha384").update(readFileSync(join(target, file))).digest("base64")}`;
const manifest = {
  "echarts.js": { made_of: { echarts: version("echarts"), zrender: version("zrender") }, integrity: digest("echarts.js") },
};
writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
