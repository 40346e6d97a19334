/** What a journal promises, held by every adapter; and what the folder keeps through a crash. */

import '../../../mobile_stub/pwa/node_modules/fake-indexeddb/auto/index.mjs';
import '../../../mobile_stub/pwa/protocol/node/platform.js';

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { IdbJournal } from '../../../mobile_stub/pwa/protocol/browser/idb_journal.js';
import { MemoryJournal, numberOf, numbered } from '../../../mobile_stub/pwa/protocol/journal.js';
import { FolderJournal } from '../../../mobile_stub/pwa/protocol/node/folder_journal.js';
import { newCipher } from './ciphers.mjs';

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function fresh() {
  folders.push(mkdtempSync(join(tmpdir(), 'wardledger-')));
  return folders.at(-1);
}

async function* pieces(...given) {
  for (const piece of given) yield Uint8Array.from(piece);
}

const ADAPTERS = {
  memory: async () => new MemoryJournal(),
  folder: () => FolderJournal.open(fresh()),
  database: () => IdbJournal.open(crypto.randomUUID()),
  'sealed database': async () => IdbJournal.open(crypto.randomUUID(), { cipher: await newCipher() }),
};

for (const [name, open] of Object.entries(ADAPTERS)) {
  test(`${name}: a row is what was written last, and undefined takes it away`, async () => {
    const journal = await open();
    await journal.write([['a', { n: 1 }], ['b', [1, '测试', null]]]);
    await journal.write([['a', { n: 2 }], ['b', undefined]]);
    assert.deepEqual(await journal.get('a'), { n: 2 });
    assert.equal(await journal.get('b'), undefined);
    await journal.close();
  });

  test(`${name}: rows come in the order of their keys, numbers as numbers`, async () => {
    const journal = await open();
    await journal.write([2, 10, 1].map((n) => [numbered('change', n), n]));
    await journal.write([['changed', 0]]);
    assert.deepEqual((await journal.rows('change/')).map(([, n]) => n), [1, 2, 10]);
    assert.equal(numberOf((await journal.rows('change/'))[2][0]), 10);
    await journal.close();
  });

  test(`${name}: what was read or written is nobody's to alter`, async () => {
    const journal = await open();
    const row = { list: [1] };
    await journal.write([['a', row]]);
    row.list.push(2);
    (await journal.get('a')).list.push(3);
    assert.deepEqual(await journal.get('a'), { list: [1] });
    await journal.close();
  });

  test(`${name}: a blob is read in parts, and one that is not there is empty`, async () => {
    const journal = await open();
    await journal.putBlob('file', pieces([1, 2, 3], [], [4, 5]));
    assert.deepEqual([...(await journal.readBlob('file', 1, 3))], [2, 3, 4]);
    assert.deepEqual([...(await journal.readBlob('file', 4, 9))], [5]);
    assert.equal((await journal.readBlob('file', 9, 9)).length, 0);
    await journal.dropBlob('file');
    await journal.dropBlob('file');
    assert.equal((await journal.readBlob('file', 0, 9)).length, 0);
    await journal.close();
  });

  test(`${name}: a blob whose writing broke off is not there, and the one before it stays`, async () => {
    async function* broken() {
      yield Uint8Array.of(1);
      throw new Error('no more');
    }
    const journal = await open();
    await assert.rejects(journal.putBlob('new', broken()), /no more/);
    assert.equal((await journal.readBlob('new', 0, 9)).length, 0);
    await journal.putBlob('old', pieces([1, 2]));
    await assert.rejects(journal.putBlob('old', broken()), /no more/);
    assert.deepEqual([...(await journal.readBlob('old', 0, 9))], [1, 2]);
    await journal.close();
  });

  test(`${name}: a blob gets another name, in the place of whatever had it`, async () => {
    const journal = await open();
    await journal.putBlob('aside', pieces([1, 2]));
    await journal.putBlob('file', pieces([3]));
    await journal.renameBlob('aside', 'file');
    await journal.renameBlob('nothing', 'file');
    assert.deepEqual([...(await journal.readBlob('file', 0, 9))], [1, 2]);
    assert.equal((await journal.readBlob('aside', 0, 9)).length, 0);
    await journal.close();
  });

  test(`${name}: what was written at once stands in the order in which it was asked for`, async () => {
    const journal = await open();
    await Promise.all(Array.from({ length: 20 }, (_, n) => journal.write([['a', { n, long: 'x'.repeat((20 - n) * 500) }]])));
    assert.equal((await journal.get('a')).n, 19);
    assert.equal((await journal.rows(''))[0][1].n, 19);
    await journal.close();
  });

  test(`${name}: after it was erased it can be neither read nor opened again as it was`, async () => {
    const journal = await open();
    await journal.write([['me', 1]]);
    await journal.erase();
    assert.equal(await journal.get('me').catch(({ code }) => code === 'journal_lost' && undefined), undefined);
  });
}

test('a folder is opened again with all that was written', async () => {
  const folder = fresh();
  const first = await FolderJournal.open(folder);
  await first.write([['a', 1]]);
  await first.write([['b', 2]]);
  await first.close();
  const second = await FolderJournal.open(folder);
  assert.deepEqual(await second.rows(''), [['a', 1], ['b', 2]]);
  await second.close();
});

async function withLog(change) {
  const folder = fresh();
  const journal = await FolderJournal.open(folder);
  await journal.write([['a', 1]]);
  await journal.write([['a', 2], ['b', 2]]);
  await journal.close();
  change(join(folder, 'log'));
  return folder;
}

test('a step that a crash cut off has not been, as a whole', async () => {
  const cutOff = (log) => writeFileSync(log, readFileSync(log, 'utf8').slice(0, -5));
  const journal = await FolderJournal.open(await withLog(cutOff));
  assert.deepEqual(await journal.rows(''), [['a', 1]]);
  await journal.write([['c', 3]]);
  assert.deepEqual(await journal.rows(''), [['a', 1], ['c', 3]]);
  await journal.close();
});

test('a log that is damaged before its last step is not taken for good', async () => {
  const damaged = (log) => writeFileSync(log, readFileSync(log, 'utf8').replace('["a",1]', '["a",7]'));
  await assert.rejects(async () => FolderJournal.open(await withLog(damaged)), { code: 'damaged' });
});

test('a folder is one process’s at a time, and a dead one’s lock is taken over', async () => {
  const folder = await withLog(() => {});
  writeFileSync(join(folder, 'lock'), String(process.ppid));
  await assert.rejects(FolderJournal.open(folder), { code: 'sync_running' });
  writeFileSync(join(folder, 'lock'), '999999999');
  const journal = await FolderJournal.open(folder);
  await journal.close();
});

test('a log of many steps is short again once it was opened', async () => {
  const grow = (log) => {
    const step = readFileSync(log, 'utf8').split('\n')[1];
    for (let n = 0; n < 100; n += 1) appendFileSync(log, `${step}\n`);
  };
  const folder = await withLog(grow);
  const before = readFileSync(join(folder, 'log')).length;
  await (await FolderJournal.open(folder)).close();
  assert.ok(readFileSync(join(folder, 'log')).length < before / 10);
});
