/**
 * A lead inspector's whole day, by the SDK alone: `node a_day.mjs FOLDER INVITE TYPES`.
 *
 * After each part it says in JSON what it saw, and waits for a line before it goes on: in between others do their work.
 */

import '../../../mobile_stub/pwa/protocol/node/platform.js';

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { Phone, typesOf } from '../../../mobile_stub/pwa/protocol/index.js';
import { FolderJournal } from '../../../mobile_stub/pwa/protocol/node/folder_journal.js';
import { systemClock } from '../../../mobile_stub/pwa/protocol/node/platform.js';

const [folder, invite, described] = process.argv.slice(2);
const types = typesOf(JSON.parse(readFileSync(described, 'utf8')));
const said = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function tell(part, seen = {}) {
  process.stdout.write(`${JSON.stringify({ part, ...seen })}\n`);
  await said.next();
}

async function synced(phone) {
  const { pushed, pulled, uploaded, errors, alarm } = await phone.sync();
  return { verdicts: pushed.verdicts, evicted: pulled.evicted, files: uploaded.files, errors: errors.map(({ code }) => code), alarm };
}

const journal = await FolderJournal.open(folder);
const parts = { journal, clock: systemClock, types };
let phone = await Phone.enrol(invite, parts);
await synced(phone);
const [visit] = await phone.list('inspection');
await tell('enrolled', { inspection: visit.id, stage: visit.values.stage });

// The ward round, without a network: every bed of the sample, a photo of one of them, and what was found.
await synced(phone);
await phone.step(visit.id, 'on_site');
const [round] = await phone.list('ward_round');
await phone.step(round.id, 'in_progress');
const patients = new Map((await phone.list('encounter')).map(({ id, values }) => [id, values]));
const beds = [];
for (const encounter of round.values.sample) {
  const presence = beds.length ? 'in_bed' : 'absent';
  const bed = { ward_round: round.id, encounter, bed_listed: patients.get(encounter).bed, presence };
  beds.push(await phone.create('bed_check', bed));
}
const about = { inspection: visit.id, bed_check: beds[0], kind: 'audio_visual', media_type: 'image/jpeg' };
const photo = await phone.takeEvidence([new TextEncoder().encode('an empty bed '.repeat(200_000))], about);
const found = { inspection: visit.id, violation_code: 'bed_hanging', facts: '测试床位无人', origin: 'on_site' };
const finding = await phone.create('finding', { ...found, amount_fen: 126_000, evidence: [photo] });
const wrong = await phone.create('finding', { ...found, amount_fen: -1 });
const { outbox, files_waiting: waiting } = await phone.status();
await tell('walked', { beds: beds.length, outbox, waiting, finding, photo });

// The acknowledgement gets lost on the way, and the app with it.
const lost = await synced(phone);
await tell('unacknowledged', { ...lost, unacknowledged: (await phone.status()).unacknowledged });
await phone.kit.journal.close();
phone = await Phone.open({ ...parts, journal: await FolderJournal.open(folder) });
const again = await synced(phone);
const [refused] = (await phone.status()).attention;
await tell('acknowledged', { ...again, refused: refused.code, field: refused.field, about: refused.record === wrong });

// What was refused is recorded anew, as it should have been.
await phone.create('finding', { ...found, amount_fen: 1_000 });
const righted = await synced(phone);
await synced(phone);
await tell('righted', { ...righted, file: (await phone.show(photo)).values.file_state });

// A colleague has written another amount meanwhile.
await phone.edit(finding, { amount_fen: 98_000 });
const clash = await synced(phone);
const [conflict] = (await phone.list('conflict')).filter(({ values }) => values.state === 'open');
const meanwhile = (await phone.show(finding)).values.amount_fen;
await phone.resolve(conflict.id, 98_000);
const settled = await synced(phone);
await synced(phone);
const { values } = await phone.show(finding);
const open = (await phone.status()).attention.filter(({ verdict }) => verdict === 'conflict');
await tell('settled', { clash: clash.verdicts, meanwhile, ...settled, amount: values.amount_fen, open: open.length });

await phone.step(finding, 'proposed', 'heard');
await tell('proposed', await synced(phone));
const approved = await synced(phone);
await tell('approved', { ...approved, stage: (await phone.show(finding)).values.stage });

const left = await synced(phone);
const held = await Promise.all(['inspection', 'finding', 'encounter'].map((type) => phone.list(type)));
await tell('left', { ...left, held: held.flat().length, kept: (await phone.status()).outbox });
await phone.kit.journal.close();
process.exit(0);
