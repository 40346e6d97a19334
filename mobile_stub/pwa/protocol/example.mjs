/**
 * The SDK in fifty lines: `node example.mjs FOLDER [INVITE]`. Enrols once, works offline, syncs, says how things stand.
 */
import './node/platform.js';

import { readFileSync } from 'node:fs';

import { Phone, typesOf } from './index.js';
import { FolderJournal } from './node/folder_journal.js';
import { systemClock } from './node/platform.js';

const [folder, invite] = process.argv.slice(2);
const described = JSON.parse(readFileSync(new URL('../generated/records.json', import.meta.url), 'utf8'));
const parts = { journal: await FolderJournal.open(folder), clock: systemClock, types: typesOf(described), app: 'example-1' };

// Once, with the text of the QR code that an administrator shows; ever after the journal knows who it is.
const phone = invite ? await Phone.enrol(invite, parts) : await Phone.open(parts);
await phone.sync();

// All of this needs no network. What is recorded is on the disk when the promise resolves.
const [visit] = await phone.list('inspection');
const photo = await phone.takeEvidence([new TextEncoder().encode('the bytes of a photo')], {
  inspection: visit.id,
  kind: 'audio_visual',
  media_type: 'image/jpeg',
});
const finding = await phone.create('finding', {
  inspection: visit.id,
  violation_code: 'bed_hanging',
  facts: '测试床位无人',
  amount_fen: 126_000,
  origin: 'on_site',
  evidence: [photo],
});
await phone.edit(finding, { amount_fen: 98_000 });

// A sync never throws for what a network or a server does; each part that failed is in the report, and goes on later.
const report = await phone.sync({ onProgress: ({ part, done, total }) => console.error(part, done, total) });
for (const { part, code, detail } of report.errors) console.error(`${part}: ${code}: ${detail}`);
if (report.alarm) console.error(`The ledger contradicts what this phone has seen: ${report.alarm}`);
if (report.wiped) process.exit(0);

// What somebody has to look at: refused, held, late and conflicting changes, each with the server's stable code.
const { attention, outbox, unacknowledged, files_waiting: files } = await phone.status();
for (const conflict of attention.filter(({ verdict }) => verdict === 'conflict')) console.error(conflict.record);
console.log(JSON.stringify({ ...report.pushed, outbox, unacknowledged, files, amount: (await phone.show(finding)).values.amount_fen }));
await phone.kit.journal.close();
