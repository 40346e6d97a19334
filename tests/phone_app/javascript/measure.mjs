// measure.mjs photo|paper FILE...: what the app measures of raw pictures (width and height in 4 bytes each, then RGBA)
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { doubts, measure } from '../../../mobile_stub/pwa/app/capture/quality.js';

const [kind, ...files] = process.argv.slice(2);
const found = {};
for (const file of files) {
  const raw = readFileSync(file);
  const measured = measure({ width: raw.readUInt32LE(0), height: raw.readUInt32LE(4), data: raw.subarray(8) });
  found[basename(file)] = { ...measured, doubts: doubts(measured, { paper: kind === 'paper' }) };
}
console.log(JSON.stringify(found));
