/** Taking over the feed, from a server made up of one head and some pages: whole pages, newer copies, hidden roots. */

import '../../../mobile_stub/pwa/protocol/node/platform.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as protocol from '../../../mobile_stub/pwa/protocol/index.js';

const { MemoryJournal, Phone, changes, checkpoint, envelope, ids, lines, merkle, signing } = protocol;
const NOW = 1_795_000_000_000;
const DAY_MS = 86_400_000;
const EPOCH = 'ab'.repeat(16);
const LEDGER = new Uint8Array(32).fill(1);
const idOf = (n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [DEVICE, USER, ROOT, OTHER] = [1, 2, 10, 11].map(idOf);
const ENTRY = '{"n":0}';
const persons = { private: 'person', many: true };
const TYPES = { finding: { initial: 'draft', fields: { amount_fen: {}, persons, stage: {} } } };
const HEAD = checkpoint.sign(
  { origin: 'ledger.example/luan', epoch: EPOCH, size: 1, root: merkle.rootOfLines([ENTRY]) },
  LEDGER,
);

/** An item without an entry of its own, as a derived conflict is. */
const item = (id, version, more = {}) => ({
  id,
  type: 'finding',
  version,
  life: 'live',
  root: ROOT,
  region: '341502',
  created_by: USER,
  fields: { amount_fen: version },
  digests: {},
  private: [],
  ...more,
});

/** A phone whose feed answers with some pages, one after the other, and then with nothing new. */
async function fed(...pages) {
  const journal = new MemoryJournal();
  const receiving = await envelope.newKey(envelope.X25519);
  const me = {
    url: 'https://ledger.example',
    origin: HEAD.origin,
    device: DEVICE,
    user: USER,
    app: 'test-1',
    kem: receiving.kem,
    sign_seed: lines.b64u(new Uint8Array(32).fill(2)),
    seal_seed: lines.b64u(receiving.seed),
    seal_key: lines.b64u(receiving.public),
    ledger_key: lines.b64u(signing.publicOf(LEDGER)),
    ledger_pin: lines.digest(signing.publicOf(LEDGER)),
    recovery_pin: '0'.repeat(64),
  };
  await journal.write([['me', me], ['head', HEAD.note]]);
  const clock = { now: NOW, wall: () => clock.now, mono: () => clock.now - NOW, session: 's' };
  let number = 0;
  const told = async (address) => {
    const { pathname, searchParams } = new URL(address);
    if (pathname !== '/v1/feed') throw new TypeError('no network');
    const headers = { 'Wardledger-Cursor': `c${number}`, 'Wardledger-Checkpoint': lines.b64(lines.bytes(HEAD.note)) };
    if (!pages.length) return new Response(null, { status: 204, headers });
    number += 1;
    const payload = page(searchParams.get('after') ?? '', `c${number}`, pages.length > 1, pages.shift());
    const token = signing.sign(LEDGER, signing.FEED, payload, signing.keyId(signing.publicOf(LEDGER)));
    const to = { kem: me.kem, public: receiving.public, info: envelope.feedInfo(me.origin, DEVICE) };
    return new Response(await envelope.seal(lines.bytes(token), to), { status: 200, headers });
  };
  const phone = await Phone.open({ journal, clock, types: TYPES, fetch: told });
  return { phone, journal, clock, pages };
}

function page(after, cursor, more, said) {
  const common = { v: 1, device: DEVICE, after, cursor, more, time: NOW, epoch: EPOCH, head: 0, checkpoint: HEAD.note };
  return { ...common, proof: [], items: [], entries: {}, evict: [], ...said };
}

test('pages are taken over up to the last, and the cursor with each', async () => {
  const { phone, journal } = await fed({ items: [item(OTHER, 1)] }, { items: [item(OTHER, 3), item(ROOT, 2)] });
  const { pulled, errors } = await phone.sync();
  assert.deepEqual([errors, pulled.items, pulled.pages], [[], 3, 2]);
  assert.deepEqual((await phone.show(OTHER)).values, { amount_fen: 3, stage: 'draft' });
  assert.deepEqual((await phone.show(OTHER)).base, [EPOCH, 3]);
  assert.equal(await journal.get('cursor'), 'c2');
});

test('an older copy never takes a newer one’s place, not even on one page', async () => {
  const { phone } = await fed({ items: [item(OTHER, 3), item(OTHER, 2)] }, { items: [item(OTHER, 1)] });
  assert.deepEqual((await phone.sync()).errors, []);
  assert.equal((await phone.show(OTHER)).values.amount_fen, 3);
});

test('of a page that does not hold nothing is taken over', async () => {
  const spoilt = item(OTHER, 1, { digests: { persons: ['0'.repeat(64)] } });
  const { phone, journal } = await fed({ items: [item(ROOT, 1), spoilt] });
  const { errors, alarm } = await phone.sync();
  assert.deepEqual([errors[0].part, errors[0].code], ['pull', 'alarmed']);
  assert.ok(alarm);
  assert.deepEqual(await journal.rows('record/'), []);
  assert.equal(await journal.get('cursor'), undefined);
});

test('a root that left the scope is hidden at once, and gone when nothing of it waits', async () => {
  const { phone, journal, pages } = await fed({ items: [item(OTHER, 1)] });
  await phone.sync();
  await phone.edit(OTHER, { amount_fen: 7 });
  pages.push({ evict: [ROOT] });
  const { pulled } = await phone.sync();
  assert.equal(pulled.evicted, 1);
  await assert.rejects(phone.show(OTHER), { code: 'record_unknown' });
  assert.deepEqual(await phone.list('finding'), []);
  assert.equal((await journal.rows('record/')).length, 1);
  const [[key, row]] = await journal.rows('change/');
  await journal.write([[key, { ...row, outcome: { verdict: 'applied', index: 2 }, settled: true }]]);
  await phone.sync();
  assert.deepEqual(await journal.rows('record/'), []);
});

test('a record that was shown without its root leaves by its own id, and nothing else with it', async () => {
  const { phone } = await fed({ items: [item(OTHER, 1), item(USER, 1)] }, { evict: [OTHER] });
  assert.equal((await phone.sync()).pulled.evicted, 1);
  await assert.rejects(phone.show(OTHER), { code: 'record_unknown' });
  assert.equal((await phone.show(USER)).values.amount_fen, 1);
});

test('a root that comes back is shown again', async () => {
  const { phone } = await fed({ items: [item(OTHER, 1)] }, { evict: [ROOT] }, { items: [item(OTHER, 2)] });
  await phone.sync();
  assert.equal((await phone.show(OTHER)).values.amount_fen, 2);
});

test('an own change stays on top until the copy holds it, or an alias has passed it on', async () => {
  const { phone, journal, pages } = await fed({ items: [item(OTHER, 1)] });
  await phone.sync();
  await phone.edit(OTHER, { amount_fen: 7 });
  const [[key, row]] = await journal.rows('change/');
  const pending = async (outcome) => {
    await journal.write([[key, { ...row, outcome, settled: true }]]);
    return (await phone.show(OTHER)).pending;
  };
  assert.equal(await pending({ verdict: 'applied', index: 5 }), 1);
  assert.equal(await pending({ verdict: 'held', index: 5 }), 1);
  assert.equal(await pending({ verdict: 'refused', index: 5 }), 0);
  assert.equal(await pending({ verdict: 'late', index: 5 }), 0);
  assert.equal(await pending({ verdict: 'applied', index: 5, passed_on: ROOT }), 0);
  await pending({ verdict: 'applied', index: 5 });
  pages.push({ items: [item(OTHER, 5)] });
  await phone.sync();
  assert.equal((await phone.show(OTHER)).pending, 0);
});

test('a decided conflict needs nobody’s look any more', async () => {
  const { phone, journal, pages } = await fed({ items: [item(OTHER, 1)] });
  await phone.sync();
  await phone.edit(OTHER, { amount_fen: 7 });
  const [[key, row]] = await journal.rows('change/');
  await journal.write([[key, { ...row, outcome: { verdict: 'conflict', index: 2 }, settled: false }]]);
  const conflict = (state) => item(ids.conflictId(OTHER, 'amount_fen'), 4, { type: 'conflict', fields: { state } });
  pages.push({ items: [conflict('open')] });
  await phone.sync();
  assert.equal((await phone.status()).attention.length, 1);
  pages.push({ items: [conflict('settled'), item(OTHER, 4)] });
  await phone.sync();
  assert.deepEqual((await phone.status()).attention, []);
});

/** The checksum of some records, as the ledger would tell it. */
const summed = (...held) => ({ [ROOT]: protocol.drift.scopeSum(held) });

test('a place that drifted from the ledger is fetched anew, and the outbox stays', async () => {
  const { phone, journal, pages, clock } = await fed({ items: [item(OTHER, 1), item(ROOT, 2)] });
  await phone.sync();
  await phone.edit(OTHER, { amount_fen: 7 });
  const strange = idOf(99);
  await journal.write([[`record/${ROOT}`, undefined], [`record/${strange}`, await journal.get(`record/${OTHER}`)]]);
  await journal.write([[`record/${strange}`, { ...(await journal.get(`record/${OTHER}`)), id: strange }]]);
  clock.now = NOW + DAY_MS;
  const all = [[OTHER, 1], [ROOT, 2]];
  pages.push({ more: false, sums: summed(...all) }, { items: [item(OTHER, 1), item(ROOT, 2)], sums: summed(...all) });
  const { pulled, errors } = await phone.sync();
  assert.deepEqual([errors.map((error) => error.part), pulled.mended], [['push'], 1]);
  assert.deepEqual((await phone.list('finding')).map((one) => one.id), [ROOT, OTHER]);
  assert.equal((await phone.show(OTHER)).pending, 1);
  assert.equal(await journal.get('doubted'), undefined);
});

test('sums that agree fetch nothing, and are asked for once a day', async () => {
  const { phone, journal, pages, clock } = await fed({ items: [item(OTHER, 1)] });
  pages[0].sums = summed([OTHER, 1]);
  assert.equal((await phone.sync()).pulled.mended, 0);
  assert.equal(await journal.get('summed'), NOW);
  clock.now = NOW + DAY_MS - 1;
  assert.equal(await protocol.drift.isDue(phone.kit), false);
  clock.now = NOW + DAY_MS;
  assert.equal(await protocol.drift.isDue(phone.kit), true);
});

test('a ledger whose sums do not fit what it sends is told, and nothing is let go', async () => {
  const { phone, pages } = await fed({ items: [item(OTHER, 1)], more: false, sums: summed([OTHER, 2]) });
  pages.push({ items: [item(OTHER, 1)], sums: summed([OTHER, 2]) });
  const { errors, alarm } = await phone.sync();
  assert.deepEqual([errors[0].code, alarm], ['drifting', null]);
  assert.equal((await phone.show(OTHER)).values.amount_fen, 1);
});

test('the sum is the one that the ledger makes', () => {
  const held = [['01900000-0000-7000-8000-000000000001', 4], ['01900000-0000-7000-8000-000000000002', 5]];
  assert.equal(protocol.drift.scopeSum(held), '50ba11ab2a0dd6a17bb4e9abdfa1fc19ed9cede10b29af8d52c77cd836332c85');
  assert.equal(protocol.drift.scopeSum([]), '0'.repeat(64));
});

/** A phone with one held change, and what the feed may say of it. */
async function withHeld() {
  const found = await fed({ items: [item(OTHER, 1)] });
  await found.phone.sync();
  await found.phone.edit(OTHER, { amount_fen: 7 });
  const [[key, row]] = await found.journal.rows('change/');
  await found.journal.write([[key, { ...row, outcome: { verdict: 'held', index: 3 }, settled: false }]]);
  const entry = (more) => lines.encode({
    v: 1, at: 1, kind: 'release', by: 'x', n: 0, rules: 1, salt: 'c2FsdHNhbHRzYWx0c2FsdA',
    change: lines.digest(row.line), outcome: { verdict: 'applied' }, ...more,
  });
  const say = (line, index = 4) => found.pages.push({
    items: [item(OTHER, 4)],
    entries: line === undefined ? {} : { [index]: line },
    outcomes: [{ change: row.id, index }],
  });
  return { ...found, row, entry, say };
}

test('a released change takes its outcome from the entry that released it', async () => {
  const { phone, journal, entry, say } = await withHeld();
  assert.equal((await phone.status()).attention[0].verdict, 'held');
  say(entry());
  await phone.sync();
  assert.deepEqual((await phone.status()).attention, []);
  const [[, row]] = await journal.rows('change/');
  assert.deepEqual([row.outcome.verdict, row.outcome.index, row.settled], ['applied', 4, true]);
  assert.equal((await phone.show(OTHER)).pending, 0);
});

test('what a release refuses, or holds for something else, goes on needing a look', async () => {
  const { phone, entry, say } = await withHeld();
  say(entry({ outcome: { verdict: 'held', waiting_for: ROOT } }));
  await phone.sync();
  assert.equal((await phone.status()).attention[0].waiting_for, ROOT);
  assert.equal((await phone.show(OTHER)).pending, 1);
  say(entry({ outcome: { verdict: 'refused', code: 'not_allowed' } }), 5);
  await phone.sync();
  assert.equal((await phone.status()).attention[0].code, 'not_allowed');
  assert.equal((await phone.show(OTHER)).pending, 0);
});

/** A phone with one late change, and what the feed may say of it; `late` names the entry that found it late. */
async function withLate() {
  const found = await withHeld();
  const [[key, row]] = await found.journal.rows('change/');
  await found.journal.write([[key, { ...row, outcome: { verdict: 'late', index: 3 }, settled: false }]]);
  const ruling = (more) => found.entry({ kind: 'adopt', change: 'c'.repeat(64), late: 3, ...more });
  return { ...found, ruling };
}

test('an adopted change is in force and needs no look any more', async () => {
  const { phone, journal, ruling, say } = await withLate();
  assert.equal((await phone.status()).attention[0].verdict, 'late');
  say(ruling());
  await phone.sync();
  assert.deepEqual((await phone.status()).attention, []);
  const [[, row]] = await journal.rows('change/');
  assert.deepEqual([row.outcome.verdict, row.outcome.index, row.outcome.heard], ['applied', 4, true]);
});

test('a change that was set aside is told, and shown no more', async () => {
  const { phone, ruling, say } = await withLate();
  say(ruling({ kind: 'decision' }));
  await phone.sync();
  assert.equal((await phone.status()).attention[0].verdict, 'set_aside');
  assert.equal((await phone.show(OTHER)).pending, 0);
});

for (const [how, more, alarmed] of [
  ['a release that this phone has not heard of', {}, false],
  ['the same change as another device brought it', { kind: 'change' }, false],
  ['another change, which was late too', { kind: 'change', change: 'a'.repeat(64) }, true],
  ['the same change, which was not late', { kind: 'change', outcome: { verdict: 'applied' } }, true],
]) {
  test(`a ruling that names ${how} ${alarmed ? 'raises the alarm' : 'is believed where the page shows it'}`, async () => {
    const { phone, pages, row, entry, ruling } = await withLate();
    const late = entry({ outcome: { verdict: 'late' }, ...more });
    const outcomes = [{ change: row.id, index: 6 }];
    pages.push({ items: [item(OTHER, 4)], entries: { 5: late, 6: ruling({ late: 5 }) }, outcomes });
    await phone.sync();
    const status = await phone.status();
    assert.equal(Boolean(status.alarm), alarmed);
    assert.deepEqual(status.attention.map((one) => one.verdict), alarmed ? ['late'] : []);
  });
}

for (const [how, flags, told] of [
  ['only repeated an earlier one', ['repeated'], 'set_aside'],
  ['found the same value', [], undefined],
]) {
  test(`a ruling on an earlier entry of a change whose own ${how} ${told ? 'is told' : 'changes nothing'}`, async () => {
    const { phone, journal, pages, row, entry, ruling } = await withLate();
    const [[key, kept]] = await journal.rows('change/');
    await journal.write([[key, { ...kept, outcome: { verdict: 'same', flags, index: 9 }, settled: true }]]);
    const late = entry({ kind: 'change', outcome: { verdict: 'late' } });
    const entries = { 5: late, 6: ruling({ kind: 'decision', late: 5 }) };
    pages.push({ items: [item(OTHER, 4)], entries, outcomes: [{ change: row.id, index: 6 }] });
    await phone.sync();
    assert.equal((await phone.status()).attention[0]?.verdict, told);
  });
}

for (const [how, more] of [
  ['another change', { late: 2 }],
  ['none', { late: undefined }],
]) {
  test(`a ruling on ${how} raises the alarm and changes nothing`, async () => {
    const { phone, ruling, say } = await withLate();
    const line = JSON.parse(ruling());
    say(lines.encode(JSON.parse(JSON.stringify({ ...line, ...more }))));
    await phone.sync();
    const status = await phone.status();
    assert.ok(status.alarm);
    assert.equal(status.attention[0].verdict, 'late');
  });
}

test('an outcome that is told late does not undo a newer one', async () => {
  const { phone, entry, say } = await withHeld();
  say(entry({ outcome: { verdict: 'refused' } }), 2);
  await phone.sync();
  assert.equal((await phone.status()).attention[0].verdict, 'held');
});

for (const [how, line] of [
  ['without its entry', () => undefined],
  ['by an entry that is none', () => '{}'],
  ['by another change’s entry', (entry) => entry({ change: 'a'.repeat(64) })],
  ['by an entry that is no release', (entry) => entry({ kind: 'change' })],
]) {
  test(`a release ${how} raises the alarm and changes nothing`, async () => {
    const { phone, entry, say } = await withHeld();
    say(line(entry));
    await phone.sync();
    const status = await phone.status();
    assert.ok(status.alarm);
    assert.equal(status.attention[0].verdict, 'held');
  });
}

test('texts go thirty days after their receipt by the server’s time, whatever the phone’s clock says', async () => {
  const { phone, journal, clock, pages } = await fed({ items: [item(OTHER, 1)] });
  await phone.edit(await phone.create('finding', { amount_fen: 1 }), { amount_fen: 2 });
  const rows = await journal.rows('change/');
  const outcome = { verdict: 'applied', index: 0 };
  const done = rows.map(([key, row]) => [key, { ...row, seq: 1, outcome, settled: true }]);
  await journal.write([...done, ['set/000000000001', { manifest: 'x', numbers: [1, 2], receipt: 'y', received: NOW }]]);
  clock.now = NOW + 365 * DAY_MS;
  await phone.sync();
  assert.equal((await journal.rows('change/')).length, 2);
  pages.push({ items: [item(OTHER, 2)], time: NOW + 31 * DAY_MS });
  await phone.sync();
  assert.deepEqual(await journal.rows('change/'), []);
  assert.ok(await journal.get('set/000000000001'));
});

test('a file that the server found damaged is sent again, one that it verified is let go', async () => {
  const { phone, journal, pages } = await fed();
  const names = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
  for (const name of names) {
    await journal.putBlob(name, (async function* one() { yield Uint8Array.of(1); })());
    await journal.write([[`file/${name}`, { state: 'sent', size: 1, location: 'https://ledger.example/x' }]]);
  }
  const states = ['verified', 'corrupt', 'partial'];
  const evidence = names.map((name, n) =>
    item(idOf(100 + n), 1, {
      type: 'evidence',
      fields: { cipher_digest: name, file_state: states[n] },
    }),
  );
  pages.push({ items: evidence });
  await phone.sync();
  const kept = (await journal.rows('file/')).map(([, file]) => [file.state, file.location === null]);
  assert.deepEqual(kept, [['done', false], ['waiting', true], ['sent', false]]);
  const held = await Promise.all(names.map(async (name) => (await journal.readBlob(name, 0, 1)).length));
  assert.deepEqual(held, [0, 1, 1]);
});

test('an answer after a slow request moves the anchor without narrowing what is captured', async () => {
  const { phone, journal, clock } = await fed({ items: [item(OTHER, 1)] });
  const ask = phone.kit.transport.fetch;
  phone.kit.transport.fetch = async (...given) => {
    const answer = await ask(...given);
    clock.now += 6_000;
    return answer;
  };
  await phone.sync();
  assert.equal((await journal.get('anchor')).session, 's.slow');
});

test('a private line that was erased by law is gone from the phone’s own changes, too, and they still travel', async () => {
  const { phone, journal, pages } = await fed();
  const finding = await phone.create('finding', { amount_fen: 7, persons: ['测试甲001'] });
  const other = await phone.create('finding', { persons: ['测试乙002'] });
  const [[, before]] = await journal.rows('change/');
  pages.push({ items: [item(finding, 1, { erased: [lines.digest(before.private[0])] })] });
  assert.deepEqual((await phone.sync()).pulled.items, 1);
  const [[, row], [, kept]] = await journal.rows('change/');
  assert.deepEqual(row.private, [changes.tombstone(lines.digest(before.private[0]), 'person')]);
  assert.ok(!JSON.stringify(await journal.rows('')).includes('测试甲001'));
  assert.equal((await phone.show(finding)).values.persons, undefined);
  assert.deepEqual((await phone.show(other)).values.persons, ['测试乙002']);
  assert.ok(JSON.stringify(kept.private).includes('测试乙002'));
  assert.ok(lines.text(changes.textOf('a.b.c', [row])).endsWith('"kind":"person"}\n'));
});
