/** The transport over a made-up network: proofs, clocks, waiting, and answers that are none. */

import '../../../mobile_stub/pwa/protocol/node/platform.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as signing from '../../../mobile_stub/pwa/protocol/signing.js';
import { ANSWER_BYTES_MAX, Transport } from '../../../mobile_stub/pwa/protocol/transport.js';
import { BareStatus, NotTheServer, Offline, ServerRefused } from '../../../mobile_stub/pwa/protocol/trouble.js';

const URL_ = 'https://ledger.example/luan';
const SEED = new Uint8Array(32).fill(7);
const DEVICE = '01900000-0000-7000-8000-000000000001';
const NOW = 1_795_000_000_000;

/** A transport whose network answers in turn; `asked` and `slept` are what it did. */
function over(...answers) {
  const asked = [];
  const slept = [];
  const transport = new Transport({
    url: URL_,
    clock: { wall: () => NOW, mono: () => 0, session: 's' },
    fetch: async (address, how) => {
      asked.push({ address, ...how });
      const next = answers.shift();
      if (next instanceof Error) throw next;
      return next;
    },
    sleep: async (seconds) => slept.push(seconds),
  });
  transport.signer = { key: signing.seedSigner(SEED), device: DEVICE };
  return { transport, asked, slept };
}

const problem = (status, code, more = {}, headers = {}) =>
  new Response(JSON.stringify({ status, code, detail: '', ...more }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  });

test('a request is signed over its method and its whole address', async () => {
  const { transport, asked } = over(new Response('{}'));
  assert.deepEqual((await transport.ask('GET', '/v1/feed?after=AA&limit=200')).json(), {});
  const token = asked[0].headers.Authorization.replace(/^Bearer /, '');
  const url = `${URL_}/v1/feed?after=AA&limit=200`;
  signing.checkProof(token, signing.publicOf(SEED), { method: 'GET', url, nowMs: NOW });
  assert.equal(signing.peek(token, signing.PROOF).kid, DEVICE);
  assert.equal(asked[0].address, url);
});

test('a request that is not signed carries no proof', async () => {
  const { transport, asked } = over(new Response('{}'));
  await transport.ask('GET', '/v1/keys', { signed: false });
  assert.equal(asked[0].headers.Authorization, undefined);
});

test('a clock that is off is corrected once, by what the server states', async () => {
  const expired = () => problem(401, 'proof_expired', { server_time: NOW + 5_000_000 });
  const { transport, asked } = over(expired(), new Response('{}'));
  await transport.ask('GET', '/x');
  assert.equal(transport.offsetMs, 5_000_000);
  assert.equal(asked.length, 2);
  const again = over(expired(), expired());
  await assert.rejects(again.transport.ask('GET', '/x'), (error) => error instanceof ServerRefused);
  assert.equal(again.asked.length, 2);
});

test('without a stated time the Date header tells it', async () => {
  const date = new Date(NOW + 60_000).toUTCString();
  const { transport } = over(problem(401, 'proof_expired', {}, { Date: date }), new Response('{}'));
  await transport.ask('GET', '/x');
  assert.equal(transport.offsetMs, 60_000);
});

test('a busy server is asked again after the time it names, and not for ever', async () => {
  const busy = () => problem(503, 'busy', {}, { 'Retry-After': '2' });
  const { transport, slept } = over(busy(), busy(), new Response('{}'));
  await transport.ask('GET', '/x');
  assert.deepEqual(slept, [2, 2]);
  const never = over(...Array.from({ length: 9 }, busy));
  await assert.rejects(never.transport.ask('GET', '/x'), { code: 'busy' });
  assert.equal(never.asked.length, 4);
  const long = over(problem(503, 'busy', {}, { 'Retry-After': '600' }));
  await assert.rejects(long.transport.ask('GET', '/x'), { code: 'busy' });
  assert.equal(long.slept.length, 0);
});

test('a phone waits for a server whose database is away, or that it asked too often', async () => {
  for (const [status, code] of [[429, 'too_many_requests'], [503, 'database_down'], [503, 'storage_down']]) {
    const { transport, slept } = over(problem(status, code, {}, { 'Retry-After': '3' }), new Response('{}'));
    await transport.ask('GET', '/x');
    assert.deepEqual(slept, [3]);
  }
  const stopped = over(problem(503, 'ledger_stopped', {}, { 'Retry-After': '3' }));
  await assert.rejects(stopped.transport.ask('GET', '/x'), { code: 'ledger_stopped' });
  assert.deepEqual(stopped.slept, []);
});

test('a problem is told with its code, its facts and its status', async () => {
  const { transport } = over(problem(409, 'gap', { expected: 3 }));
  await assert.rejects(transport.ask('POST', '/x'), (error) => {
    assert.deepEqual([error.code, error.status, error.problem.expected], ['gap', 409, 3]);
    return true;
  });
});

test('what is no answer of the server is never taken for one', async () => {
  const page = new Response('<html>', { status: 502, headers: { 'Content-Type': 'text/html' } });
  await assert.rejects(over(page).transport.ask('GET', '/x'), BareStatus);
  const hollow = new Response('[]', { status: 400, headers: { 'Content-Type': 'application/problem+json' } });
  await assert.rejects(over(hollow).transport.ask('GET', '/x'), NotTheServer);
  await assert.rejects(over(new TypeError('fetch failed')).transport.ask('GET', '/x'), Offline);
  const answer = await over(new Response('<html>')).transport.ask('GET', '/x');
  assert.throws(() => answer.jws(), NotTheServer);
  assert.throws(() => answer.json(), NotTheServer);
  assert.throws(() => answer.number('upload-offset'), NotTheServer);
});

test('an answer without an end is not read to it', async () => {
  const chunk = new Uint8Array(8 * 1024 * 1024);
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += chunk.length;
      controller.enqueue(chunk);
    },
  });
  await assert.rejects(over(new Response(endless)).transport.ask('GET', '/x'), NotTheServer);
  assert.ok(pulled <= ANSWER_BYTES_MAX + 3 * chunk.length);
});

test('an address of another server is not followed', () => {
  const { transport } = over();
  assert.equal(transport.address('/v1/keys'), `${URL_}/v1/keys`);
  assert.equal(transport.address('https://ledger.example/luan/v1/files/uploads/x').endsWith('/x'), true);
  assert.throws(() => transport.address('https://ledger.invalid/x'), NotTheServer);
});
