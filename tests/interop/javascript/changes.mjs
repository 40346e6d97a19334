/** Change-sets of every record type and every verdict: text to lines to digests, entries to records. */

import assert from 'node:assert/strict';

import { changes, entries, ids, lines, manifest } from '../../../mobile_stub/pwa/protocol/index.js';
import { codeOf, each, files } from './vectors.mjs';

const WIRE_FAULTS = ['not_canonical', 'malformed', 'too_large'];

/** What a reader makes of a set's text must be what the vector says of it. */
async function checkSet(set, deviceKey) {
  const jws = set.text.manifest.join('.');
  const read = manifest.verifyManifest(jws, deviceKey);
  assert.deepEqual([read.digest, read.root], [set.digest, set.root]);
  const raw = lines.bytes(`${[jws, ...set.text.lines].join('\n')}\n`);
  const { manifest: first, rows } = changes.splitText(raw);
  assert.equal(first, jws);
  const items = changes.readItems(read, rows);
  assert.equal(items.length, set.changes.length);
  for (const [n, item] of items.entries()) checkChange(item, set.changes[n], { read, n });
  const swapped = [...rows.slice(1), rows[0]];
  if (rows.length > 1) assert.equal(await codeOf(() => changes.readItems(read, swapped)), 'malformed');
}

function checkChange(item, told, { read, n }) {
  assert.equal(item.digest, told.digest);
  const code = told.fault && WIRE_FAULTS.includes(told.fault.code) ? told.fault.code : null;
  assert.equal(item.fault?.code ?? null, code);
  if (item.change) {
    const found = Object.fromEntries(item.change.private.map((line) => [line.kind, line.digest]));
    assert.deepEqual(found, told.private);
  }
  const entry = checkEntry(told);
  assert.deepEqual([entry.set, entry.n, entry.seq, entry.device], [read.digest, n, read.seq, read.device]);
}

/** An entry carries the digest of its change, its outcome, and the digest of the record that results. */
function checkEntry(told) {
  const entry = entries.readEntry(told.entry);
  assert.equal(entry.change, told.digest);
  assert.deepEqual(entry.outcome, told.outcome);
  if (told.record) assert.equal(entries.afterDigest(told.record, entry.salt), entry.after);
  else assert.equal(entry.after, undefined);
  return entry;
}

function checkAct({ changes: sent }) {
  for (const told of sent) {
    const change = changes.readChange(told.line, told.private);
    if (told.entry) assert.equal(change.digest, checkEntry(told).change);
    else assert.ok(entries.NOT_IN_FORCE.includes(told.outcome.verdict));
  }
}

async function checkSteps(steps, keyOf) {
  for (const { set, act } of steps) {
    if (act) checkAct(act);
    else await checkSet(set, lines.unhex(keyOf(manifest.readManifest(set.text.manifest.join('.')).device)));
  }
}

each('verdicts', async (one, common) => {
  const keyOf = (device) => common.device_keys[device];
  await checkSteps(common.before, keyOf);
  await checkSteps(one.steps, keyOf);
  const sets = one.steps.filter(({ set }) => set).map(({ set }) => set);
  const { verdict, code } = sets.at(-1).changes.at(-1).outcome;
  assert.deepEqual({ verdict, code: code ?? null }, one.shows);
  if (one.conflict) {
    const records = one.steps.flatMap(({ set, act }) => (set ?? act).changes).map(({ record }) => record);
    const conflictsOf = ({ id, conflicts = {} }) => Object.keys(conflicts).map((name) => ids.conflictId(id, name));
    assert.ok(records.filter(Boolean).flatMap(conflictsOf).includes(one.conflict));
  }
});

for (const name of files().filter((file) => file.startsWith('record_types/'))) {
  each(name, async (one) => {
    await checkSteps([...one.before, ...one.steps], () => one.device_key);
  });
}
