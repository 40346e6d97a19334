// Builds the phone app into server/static/app: `npm ci --ignore-scripts`, then `node mobile_stub/pwa/build.mjs [folder]`.
// The result is committed, so that users need no Node; built anew from the same lock it is the same, byte by byte.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, '../../server/static/app');
const shared = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.svg': 'text' },
  absWorkingDir: here,
  // Names of parts come from where their sources lie, not from where a link leads.
  preserveSymlinks: true,
};

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
// Parts that a start does not need (cameras, codes, papers) are files of their own, loaded when they are asked for.
const { metafile } = await build({
  ...shared,
  metafile: true,
  entryPoints: { app: 'app/main.jsx' },
  outdir: target,
  splitting: true,
  chunkNames: 'part-[name]-[hash]',
});
cpSync(join(here, 'app/public'), target, { recursive: true });
writeFileSync(join(target, 'licences.txt'), licences());

const files = readdirSync(target, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(target, join(entry.parentPath ?? entry.path, entry.name)))
  .sort();
const digest = (name) => createHash('sha256').update(readFileSync(join(target, name))).digest('hex');
const shell = Object.fromEntries(files.map((name) => [name, digest(name)]));
const version = createHash('sha256').update(JSON.stringify(shell)).digest('hex').slice(0, 16);
await build({
  ...shared,
  entryPoints: { sw: 'app/worker.js' },
  outdir: target,
  define: { SHELL: JSON.stringify(Object.keys(shell)), VERSION: JSON.stringify(version) },
});

const packed = (names) => names.reduce((sum, name) => sum + gzipSync(readFileSync(join(target, name))).length, 0);
const start = ['index.html', 'app.css', ...loadedWith(join(target, 'app.js'))];
const told = { version, bytes_compressed: packed([...files, 'sw.js']), start_bytes_compressed: packed(start), files: shell };
writeFileSync(join(target, 'built.json'), `${JSON.stringify(told, null, 1)}\n`);
console.log(`version ${version}: ${told.bytes_compressed} bytes compressed, ${told.start_bytes_compressed} of them at the start`);

/** The licences of what is bundled, each once. */
function licences() {
  const used = Object.keys(metafile.inputs).map((path) => /node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(used.filter(Boolean))].sort().map(licence).join('\n');
}

function licence(name) {
  const folder = join(here, 'node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  return `# ${name} ${version}\n\n${file ? readFileSync(join(folder, file), 'utf8') : ''}`;
}

/** A script and all that it imports at once, by their names under the target. */
function loadedWith(path) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([name, one]) => [join(here, name), one]));
  const all = new Set([path]);
  for (const one of all) {
    const { imports } = outputs.get(one);
    for (const { kind, path: next } of imports) if (kind === 'import-statement') all.add(join(here, next));
  }
  return [...all].map((one) => relative(target, one));
}
