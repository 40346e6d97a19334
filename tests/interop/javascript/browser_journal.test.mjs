/** The journal in a browser: sealed rows, files in pieces, one tab at a time, and storage that fails or is gone. */

import '../../../mobile_stub/pwa/node_modules/fake-indexeddb/auto/index.mjs';
import '../../../mobile_stub/pwa/protocol/node/platform.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deviceKeyring, hasEd25519 } from '../../../mobile_stub/pwa/protocol/browser/device_key.js';
import { IdbJournal, PIECE_BYTES, VERSION } from '../../../mobile_stub/pwa/protocol/browser/idb_journal.js';
import * as signing from '../../../mobile_stub/pwa/protocol/signing.js';
import { newCipher } from './ciphers.mjs';

const fresh = () => crypto.randomUUID();

/** Web locks of one browser: every journal that is given the same ones is a tab of it. */
function newLocks() {
  const held = new Map();
  return {
    async request(name, { steal = false }, act) {
      if (held.has(name) && !steal) return act(null);
      held.get(name)?.(new DOMException('stolen', 'AbortError'));
      const stolen = new Promise((_, reject) => held.set(name, reject));
      const own = held.get(name);
      try {
        return await Promise.race([act({ name }), stolen]);
      } finally {
        if (held.get(name) === own) held.delete(name);
      }
    },
  };
}

async function* chunks(whole, size) {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

/** Every value in a database, as it lies there. */
async function dumped(name) {
  const found = [];
  const db = await new Promise((resolve) => {
    indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result);
  });
  for (const store of db.objectStoreNames) {
    found.push(await new Promise((resolve) => {
      db.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result);
    }));
  }
  db.close();
  return found.flat();
}

/** Let a method of a class fail, once. */
function failing(owner, method, error) {
  const real = owner.prototype[method];
  owner.prototype[method] = () => {
    owner.prototype[method] = real;
    throw error;
  };
}

// -- what lies there -----------------------------------------------------------------------------------------

test('what was written is there when it is opened again, whole prefixes and single rows', async () => {
  const [name, cipher] = [fresh(), await newCipher()];
  const first = await IdbJournal.open(name, { cipher });
  await first.write([['change/1', { n: 1 }], ['me', { device: 'x' }]]);
  await first.write([['change/1', undefined], ['change/2', { n: 2 }]]);
  await first.close();
  const second = await IdbJournal.open(name, { cipher });
  assert.equal(await second.get('change/1'), undefined);
  assert.deepEqual(await second.rows('change/'), [['change/2', { n: 2 }]]);
  assert.deepEqual((await second.rows('')).map(([key]) => key), ['change/2', 'me']);
  await second.close();
});

test('nothing readable lies in a sealed database; without a cipher it does', async () => {
  for (const cipher of [await newCipher(), undefined]) {
    const name = fresh();
    const journal = await IdbJournal.open(name, { cipher });
    await journal.write([['record/1', { name: 'Test patient 002' }]]);
    await journal.close();
    const [value] = await dumped(name);
    assert.equal(new TextDecoder().decode(value).includes('Test patient'), !cipher);
  }
});

test('a row that another cipher sealed, or that took another row’s place, is not taken for good', async () => {
  const [name, cipher] = [fresh(), await newCipher()];
  const journal = await IdbJournal.open(name, { cipher });
  await journal.write([['a', 1]]);
  await journal.close();
  const other = await IdbJournal.open(name, { cipher: await newCipher() });
  await assert.rejects(other.get('a'), { code: 'damaged' });
  await other.close();
  const moved = { ...cipher, open: (bytes) => cipher.open(bytes, 'b') };
  const again = await IdbJournal.open(name, { cipher: moved });
  await assert.rejects(again.rows(''), { code: 'damaged' });
  await again.close();
});

test('every write is asked to be on the disk before it is done', async () => {
  const asked = [];
  const real = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function transaction(names, mode, how) {
    if (mode === 'readwrite') asked.push(how.durability);
    return real.call(this, names, mode, how);
  };
  const journal = await IdbJournal.open(fresh());
  await journal.write([['a', 1], ['b', 2]]);
  await journal.putBlob('file', chunks(new Uint8Array(3), 3));
  IDBDatabase.prototype.transaction = real;
  await journal.close();
  assert.deepEqual(asked, ['strict', 'strict', 'strict']);
});

test('a long file is read in parts across its pieces, and only those are read', async () => {
  const whole = Uint8Array.from({ length: 3 * PIECE_BYTES + 7 }, (_, n) => (n * 31) % 251);
  const journal = await IdbJournal.open(fresh());
  await journal.putBlob('file', chunks(whole, 70_001));
  let read = 0;
  const real = IDBObjectStore.prototype.get;
  IDBObjectStore.prototype.get = function get(key) {
    read += Array.isArray(key) ? 1 : 0;
    return real.call(this, key);
  };
  for (const [from, length, count] of [[0, 5, 1], [PIECE_BYTES - 2, 4, 2], [2 * PIECE_BYTES + 1, 9 * PIECE_BYTES, 2]]) {
    read = 0;
    assert.deepEqual(await journal.readBlob('file', from, length), whole.slice(from, from + length));
    assert.equal(read, count);
  }
  IDBObjectStore.prototype.get = real;
  await journal.close();
});

test('what a broken writing left behind is swept away at the next opening', async () => {
  const name = fresh();
  const journal = await IdbJournal.open(name);
  async function* killed() {
    yield new Uint8Array(2 * PIECE_BYTES);
    await journal.close();
    yield new Uint8Array(PIECE_BYTES);
  }
  await assert.rejects(journal.putBlob('file', killed()), { code: 'journal_lost' });
  assert.notEqual((await dumped(name)).length, 0);
  await (await IdbJournal.open(name)).close();
  assert.equal((await dumped(name)).length, 0);
});

// -- storage that fails ----------------------------------------------------------------------------------------

test('a full storage is told as that, nothing of the step is kept, and the journal goes on', async () => {
  const journal = await IdbJournal.open(fresh());
  await journal.write([['a', 1]]);
  failing(IDBObjectStore, 'put', new DOMException('full', 'QuotaExceededError'));
  await assert.rejects(journal.write([['a', 2], ['b', 2]]), { code: 'storage_full' });
  assert.deepEqual(await journal.rows(''), [['a', 1]]);
  failing(IDBObjectStore, 'put', new DOMException('full', 'QuotaExceededError'));
  await assert.rejects(journal.putBlob('file', chunks(new Uint8Array(3), 3)), { code: 'storage_full' });
  await journal.write([['b', 3]]);
  assert.equal(await journal.get('b'), 3);
  await journal.close();
});

test('a journal that must be there and is not was lost, and none is made in its place', async () => {
  const name = fresh();
  await assert.rejects(IdbJournal.open(name, { mustExist: true }), { code: 'journal_lost' });
  assert.ok(!(await indexedDB.databases()).some((one) => one.name === name));
  await (await IdbJournal.open(name)).close();
  await (await IdbJournal.open(name, { mustExist: true })).close();
});

test('a journal of a newer app is told as that', async () => {
  const name = fresh();
  await new Promise((resolve) => {
    indexedDB.open(name, VERSION + 1).onsuccess = ({ target }) => resolve(target.result.close());
  });
  await assert.rejects(IdbJournal.open(name), { code: 'journal_newer' });
});

test('a journal that was deleted under its phone says so at the next step', async () => {
  const name = fresh();
  const journal = await IdbJournal.open(name);
  await IdbJournal.erase(name);
  await assert.rejects(journal.write([['a', 1]]), { code: 'in_another_tab' });
  await assert.rejects(journal.get('a'), { code: 'in_another_tab' });
});

test('an erased journal leaves nothing, its keys least of all', async () => {
  const name = fresh();
  const journal = await IdbJournal.open(name);
  await journal.write([['me', 1]]);
  await journal.putBlob('file', chunks(new Uint8Array(3), 3));
  await journal.erase();
  assert.ok(!(await indexedDB.databases()).some((one) => one.name === name));
});

// -- tabs ------------------------------------------------------------------------------------------------------

test('one tab has the journal; the next gets it once the first has closed it, or by taking it over', async () => {
  const [name, locks] = [fresh(), newLocks()];
  const first = await IdbJournal.open(name, { locks });
  await assert.rejects(IdbJournal.open(name, { locks }), { code: 'in_another_tab' });
  await first.write([['a', 1]]);
  const second = await IdbJournal.open(name, { locks, takeOver: true });
  await assert.rejects(first.write([['a', 2]]), { code: 'in_another_tab' });
  assert.equal(await second.get('a'), 1);
  await second.close();
  const third = await IdbJournal.open(name, { locks });
  await third.close();
});

test('a journal that could not be opened is nobody’s', async () => {
  const [name, locks] = [fresh(), newLocks()];
  await assert.rejects(IdbJournal.open(name, { locks, mustExist: true }), { code: 'journal_lost' });
  await (await IdbJournal.open(name, { locks })).close();
});

// -- the key ---------------------------------------------------------------------------------------------------

test('the signing key cannot be read out, signs, and is there after a restart', async () => {
  assert.equal(await hasEd25519(), true);
  const name = fresh();
  const first = await IdbJournal.open(name);
  const kept = await deviceKeyring(first).make();
  await first.close();
  const second = await IdbJournal.open(name);
  const signer = await deviceKeyring(second).open(kept);
  const message = new TextEncoder().encode('a manifest');
  assert.ok(signing.verifyBytes(signer.publicKey, await signer.sign(message), message));
  assert.deepEqual(Object.keys(kept), ['sign_key']);
  await assert.rejects(crypto.subtle.exportKey('pkcs8', await second.getKey(kept.sign_key)), { name: /^InvalidAccess/ });
  await second.close();
});

test('a key that is gone, or another’s, is told as damage', async () => {
  const journal = await IdbJournal.open(fresh());
  const keyring = deviceKeyring(journal);
  const [first, other] = [await keyring.make(), await keyring.make()];
  await keyring.open(first);
  await journal.putKey(first.sign_key, await journal.getKey(other.sign_key));
  await assert.rejects(keyring.open(first), { code: 'damaged' });
  await journal.close();
  const empty = await IdbJournal.open(fresh());
  await assert.rejects(deviceKeyring(empty).open(first), { code: 'damaged' });
  await empty.close();
});
