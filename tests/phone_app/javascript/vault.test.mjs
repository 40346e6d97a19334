// The vault, how recorded things stand, and which warning is shown: promises that need no browser.
import assert from 'node:assert/strict';
import test from 'node:test';
import './../../../mobile_stub/pwa/protocol/node/platform.js';

import { isUnsent, standingOf } from '../../../mobile_stub/pwa/app/standing.js';
import { FREE_TRIES, TooSoon, Vault, WAIT_MS, WAIT_MS_MAX, WrongPin, faultOf, waitAfter } from '../../../mobile_stub/pwa/app/vault/vault.js';
import { MemoryJournal } from '../../../mobile_stub/pwa/protocol/journal.js';

const PIN = '246813';
const OTHER = '135791';
const hardness = { memory: 64, iterations: 1 };

function safe() {
  const rows = new Map();
  const clock = { ms: 1_000_000 };
  const kept = {
    get: async (key) => rows.get(key),
    put: async (key, value) => void (value === undefined ? rows.delete(key) : rows.set(key, structuredClone(value))),
  };
  return { rows, clock, vault: () => new Vault(kept, { now: () => clock.ms, hardness }) };
}

test('what one start sealed another opens with the PIN, and only under its own name', async () => {
  const { vault } = safe();
  const made = await vault().create(PIN);
  const sealed = await made.seal(new Uint8Array([1, 2, 3]), 'me');
  const opened = await vault().open(PIN);
  assert.deepEqual(await opened.open(sealed, 'me'), new Uint8Array([1, 2, 3]));
  await assert.rejects(opened.open(sealed, 'head'));
  assert.notDeepEqual(await made.seal(new Uint8Array([1, 2, 3]), 'me'), sealed);
});

test('nothing in the vault is the PIN or the key', async () => {
  const { rows, vault } = safe();
  await vault().create(PIN);
  const { salt, wrapped, ...rest } = rows.get('vault');
  assert.deepEqual(rest, { v: 1, memory: 64, iterations: 1, tries: 0, until: 0 });
  assert.equal(wrapped.length, 12 + 32 + 16);
  assert.equal(salt.length, 16);
});

test('wrong PINs are counted over restarts, and each further one waits longer', async () => {
  const { clock, vault } = safe();
  await vault().create(PIN);
  for (let tries = 1; tries <= FREE_TRIES; tries += 1) {
    await assert.rejects(vault().open(OTHER), (error) => error instanceof WrongPin && error.tries === tries);
  }
  await assert.rejects(vault().open(PIN), TooSoon, 'the right one waits as well');
  assert.equal(await vault().wait(), WAIT_MS);
  clock.ms += WAIT_MS;
  await assert.rejects(vault().open(OTHER), WrongPin);
  assert.equal(await vault().wait(), 2 * WAIT_MS);
  clock.ms += 2 * WAIT_MS;
  await vault().open(PIN);
  assert.equal(await vault().wait(), 0);
  await assert.rejects(vault().open(OTHER), (error) => error.tries === 1 && error.waitMs === 0);
});

test('a try that was cut off by killing the app counts', async () => {
  const { rows, vault } = safe();
  await vault().create(PIN);
  const begun = vault().open(OTHER);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rows.get('vault').tries, 1);
  await assert.rejects(begun);
});

test('a clock that was set back locks nobody out for longer than the wait', async () => {
  const { clock, vault } = safe();
  await vault().create(PIN);
  for (let n = 0; n < FREE_TRIES; n += 1) await assert.rejects(vault().open(OTHER));
  clock.ms -= 900_000_000;
  assert.equal(await vault().wait(), WAIT_MS);
});

test('the wait is bounded', () => {
  assert.equal(waitAfter(FREE_TRIES - 1), 0);
  assert.equal(waitAfter(10_000), WAIT_MS_MAX);
});

test('another PIN opens the same things, and the former one does not', async () => {
  const { vault } = safe();
  const sealed = await (await vault().create(PIN)).seal(new Uint8Array([7]), 'me');
  await assert.rejects(vault().changePin(OTHER, '864209'), WrongPin);
  await vault().changePin(PIN, '864209');
  assert.deepEqual(await (await vault().open('864209')).open(sealed, 'me'), new Uint8Array([7]));
  await assert.rejects(vault().open(PIN), WrongPin);
});

test('a passkey’s secret opens the same things, another one does not, and it goes when the PIN alone is wanted', async () => {
  const { vault } = safe();
  const sealed = await (await vault().create(PIN)).seal(new Uint8Array([7]), 'me');
  const made = { id: new Uint8Array([1]), input: new Uint8Array(32), secret: new Uint8Array(32).fill(9) };
  await assert.rejects(vault().addPasskey(OTHER, made), WrongPin);
  assert.equal(await vault().passkey(), null);
  await vault().addPasskey(PIN, made);
  assert.deepEqual(await (await vault().openByPasskey(made.secret)).open(sealed, 'me'), new Uint8Array([7]));
  await assert.rejects(vault().openByPasskey(new Uint8Array(32)));
  await vault().removePasskey();
  assert.equal(await vault().passkey(), null);
  assert.deepEqual(await (await vault().open(PIN)).open(sealed, 'me'), new Uint8Array([7]));
});

test('short and easy PINs are told apart from good ones', () => {
  assert.deepEqual(['12345', '1234567', '000000', '987654', 'abcdef', PIN].map(faultOf), ['short', 'easy', 'easy', 'easy', 'short', null]);
});

test('every recorded item stands as its rows say, and nothing without a receipt counts as sent', async () => {
  const journal = new MemoryJournal();
  const line = JSON.stringify({ op: 'create', at: { wall: 5 } });
  const change = (n, more) => [`change/${String(n).padStart(12, '0')}`, { id: `c${n}`, record: 'r', type: 'finding', line, ...more }];
  await journal.write([
    change(1, { seq: 1, outcome: { verdict: 'applied' }, settled: true }),
    change(2, { seq: 1, outcome: { verdict: 'refused' }, settled: false }),
    change(3, { seq: 2 }),
    change(4, {}),
    ['set/000000000001', { receipt: 'jws', received: 9 }],
    ['set/000000000002', {}],
    ['file/aa', { state: 'waiting', size: 3 }],
    ['file/bb', { state: 'sent', size: 4 }],
  ]);
  const found = await standingOf(journal);
  assert.deepEqual(found.items.map(({ state }) => state), ['kept', 'sent', 'trouble', 'received']);
  assert.deepEqual(found.items.filter(isUnsent).map(({ id }) => id), ['c4', 'c3']);
  assert.deepEqual([found.unsent, found.attention, found.verified, found.fetched], [3, 1, 9, false]);
  assert.equal(found.items[3].received, 9);
});
