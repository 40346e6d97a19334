/** Recording offline: what stands in which line, what a set may hold, and what a phone shows before it syncs. */

import '../../../mobile_stub/pwa/protocol/node/platform.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as protocol from '../../../mobile_stub/pwa/protocol/index.js';
import { fitting, sealNext } from '../../../mobile_stub/pwa/protocol/push.js';

const { MemoryJournal, Phone, checkpoint, changes, envelope, gzip, ids, lines, manifest, signing } = protocol;
const NOW = 1_795_000_000_000;
const EPOCH = 'ab'.repeat(16);
const LEDGER = new Uint8Array(32).fill(1);
const ROOT = '01900000-0000-7000-8000-00000000000a';
const TYPES = {
  finding: {
    initial: 'draft',
    fields: {
      inspection: {},
      amount_fen: {},
      evidence: { many: true },
      facts: { private: 'person' },
      persons: { private: 'person', many: true },
      file_key: { private: 'file_key' },
      stage: {},
    },
  },
};

/** An enrolled phone without a network, and its clock. */
async function offline() {
  const journal = new MemoryJournal();
  const head = { origin: 'ledger.example/luan', epoch: EPOCH, size: 0, root: protocol.merkle.EMPTY_ROOT };
  const receiving = await envelope.newKey(envelope.X25519);
  const me = {
    url: 'https://ledger.example',
    origin: head.origin,
    device: '01900000-0000-7000-8000-000000000001',
    user: '01900000-0000-7000-8000-000000000002',
    app: 'test-1',
    kem: receiving.kem,
    sign_seed: lines.b64u(new Uint8Array(32).fill(2)),
    seal_seed: lines.b64u(receiving.seed),
    seal_key: lines.b64u(receiving.public),
    ledger_key: lines.b64u(signing.publicOf(LEDGER)),
    ledger_pin: lines.digest(signing.publicOf(LEDGER)),
    recovery_pin: '0'.repeat(64),
  };
  await journal.write([['me', me], ['head', checkpoint.sign(head, LEDGER).note]]);
  const clock = { now: NOW, wall: () => clock.now, mono: () => clock.now - NOW, session: 's' };
  const fetch = async () => {
    throw new TypeError('no network');
  };
  return { phone: await Phone.open({ journal, clock, types: TYPES, fetch }), journal, clock, me };
}

const finding = (phone, more = {}) => phone.create('finding', { inspection: ROOT, amount_fen: 1, ...more });

test('what names a person travels in a private line, a file’s key in another, the rest in the change', async () => {
  const { phone, journal } = await offline();
  await finding(phone, { facts: '测试', persons: ['测试甲001'], evidence: [ROOT], file_key: 'k'.repeat(43) });
  const [[, row]] = await journal.rows('change/');
  const [change, ...inner] = [row.line, ...row.private].map((line) => lines.decode(line));
  assert.deepEqual(change.set, { amount_fen: 1, inspection: ROOT });
  assert.deepEqual(change.add, { evidence: [ROOT] });
  assert.deepEqual(inner.map((line) => [line.kind, line.set, line.add]), [
    ['person', { facts: '测试' }, { persons: ['测试甲001'] }],
    ['file_key', { file_key: 'k'.repeat(43) }, undefined],
  ]);
  assert.deepEqual(change.private, row.private.map((line) => lines.digest(line)));
  assert.equal(new Set([change.salt, ...inner.map((line) => line.salt)]).size, 3);
});

test('a draft that cannot be sorted is refused, and nothing of its group is kept', async () => {
  const { phone, journal } = await offline();
  const good = { op: 'create', type: 'finding', record: ROOT, set: { amount_fen: 1 } };
  for (const [draft, code] of [
    [{ ...good, type: 'no_such_type' }, 'unknown_type'],
    [{ ...good, set: { colour: 1 } }, 'unknown_field'],
    [{ ...good, set: { constructor: 1 } }, 'unknown_field'],
    [{ ...good, set: { persons: ['x'] } }, 'bad_value'],
    [{ ...good, add: { amount_fen: [1] } }, 'bad_value'],
    [{ ...good, set: { amount_fen: 1.5 } }, 'not_canonical'],
    [{ ...good, set: { facts: '\ud83c' } }, 'not_canonical'],
    [{ ...good, record: 'x' }, 'malformed'],
  ]) {
    await assert.rejects(phone.keep([good, draft], { together: true }), { code });
  }
  assert.deepEqual(await journal.rows('change/'), []);
});

test('what is recorded at the same moment is all kept, in some order', async () => {
  const { phone, journal } = await offline();
  const broken = phone.keep([{ op: 'create', type: 'no_such_type', record: ROOT }]);
  const made = await Promise.all(Array.from({ length: 20 }, () => finding(phone)));
  await assert.rejects(broken, { code: 'unknown_type' });
  const rows = await journal.rows('change/');
  assert.deepEqual(new Set(rows.map(([, row]) => row.record)), new Set(made));
  assert.equal(rows.length, 20);
});

test('a group names itself, and a set never holds a part of one', async () => {
  const { phone, journal } = await offline();
  const drafts = [1, 2].map((n) => ({ op: 'create', type: 'finding', record: ROOT, set: { amount_fen: n } }));
  await phone.keep(drafts, { together: true });
  const groups = (await journal.rows('change/')).map(([, row]) => lines.decode(row.line).tx);
  assert.equal(new Set(groups).size, 1);
  const row = (n, tx) => [n, { line: 'x', private: [], tx }];
  const alone = Array.from({ length: 998 }, (_, n) => row(n));
  const group = Array.from({ length: 3 }, (_, n) => row(998 + n, 'g'));
  assert.equal(fitting([...alone, ...group]).length, 998);
  assert.equal(fitting([...alone, ...group.slice(1)]).length, 1000);
  assert.equal(fitting(group).length, 3);
});

test('what is too long for one envelope goes in two sets', () => {
  const long = Array.from({ length: 40 }, (_, n) => [n, { line: '测'.repeat(20_000), private: [] }]);
  assert.equal(fitting(long).length, 17);
  assert.equal(fitting([[1, { line: 'x'.repeat(2_000_000), private: [] }]]).length, 1);
});

test('sealed sets form a chain of signed manifests over what stands in the journal', async () => {
  const { phone, journal, me } = await offline();
  await finding(phone);
  assert.equal(await sealNext(phone.kit), 1);
  await finding(phone);
  assert.equal(await sealNext(phone.kit), 2);
  assert.equal(await sealNext(phone.kit), null);
  const sets = (await journal.rows('set/')).map(([, set]) => set);
  const key = signing.publicOf(lines.unb64u(me.sign_seed));
  const chain = sets.map((set) => manifest.verifyManifest(set.manifest, key));
  manifest.verifyChain(chain);
  const [[, first]] = await journal.rows('change/');
  assert.equal(chain[0].root, changes.rootHex([first.line]));
  assert.deepEqual(chain[0].seen, { epoch: EPOCH, size: 0, root: lines.digest('') });
});

test('a set whose change was damaged in the journal does not leave the phone', async () => {
  const { phone, journal } = await offline();
  await finding(phone);
  await sealNext(phone.kit);
  const [[key, row]] = await journal.rows('change/');
  await journal.write([[key, { ...row, line: row.line.replace('"amount_fen":1', '"amount_fen":2') }]]);
  const { errors } = await phone.sync();
  assert.deepEqual(errors.map(({ part, code }) => [part, code])[0], ['push', 'damaged']);
});

test('without a network everything stays, and each part says so for itself', async () => {
  const { phone } = await offline();
  const record = await finding(phone);
  const { errors, alarm } = await phone.sync();
  assert.deepEqual([errors.map(({ code }) => code), alarm], [['offline', 'offline'], null]);
  assert.equal((await phone.show(record)).pending, 1);
  assert.equal((await phone.status()).outbox, 1);
});

test('a phone shows its own changes on top of each other', async () => {
  const { phone } = await offline();
  const record = await finding(phone, { persons: ['测试乙', '测试甲'] });
  await phone.edit(record, { amount_fen: 2, persons: ['测试丙'] }, { persons: ['测试乙'] });
  await phone.step(record, 'proposed', 'heard');
  const { values, base, life } = await phone.show(record);
  assert.deepEqual([values.amount_fen, values.stage, base, life], [2, 'heard', null, 'live']);
  assert.deepEqual(values.persons, ['测试丙', '测试甲']);
  await phone.void(record);
  assert.equal((await phone.show(record)).life, 'voided');
  await phone.restore(record);
  assert.equal((await phone.list('finding'))[0].life, 'live');
  await assert.rejects(phone.show(ROOT), { code: 'record_unknown' });
});

test('ids sort by their time', () => {
  const random = (count) => new Uint8Array(count).fill(255);
  assert.ok(ids.uuid7(NOW, random) < ids.uuid7(NOW + 1, (count) => new Uint8Array(count)));
});

test('a bomb is given up while it is small', async () => {
  const bomb = await gzip.gzip(new Uint8Array(128 * 1024 * 1024));
  const before = process.memoryUsage().rss;
  await assert.rejects(gzip.gunzip(bomb, 1024 * 1024), { code: 'too_large' });
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
});
