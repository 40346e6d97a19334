// challenges.mjs: reads a list of [root, round, bed] and answers what the app's card shows for each
import { readFileSync } from 'node:fs';

import { challenge } from '../../../mobile_stub/pwa/app/rounds/challenge.js';

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map((one) => challenge(...one))));
