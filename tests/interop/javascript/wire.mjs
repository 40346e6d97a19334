/** Lines, encodings, signatures, manifests, ids, times, gzip members, envelopes and frames. */

import assert from 'node:assert/strict';

import * as protocol from '../../../mobile_stub/pwa/protocol/index.js';
import { codeOf, each } from './vectors.mjs';

const { changes, lines, signing, manifest, ids, captureTime, gzip, envelope, frames } = protocol;

const rawOf = (one) => {
  if (one.hex !== undefined) return lines.unhex(one.hex);
  if (one.text !== undefined) return lines.bytes(one.text);
  return lines.bytes(one.before + one.fill.repeat(one.times) + one.after);
};

each('lines', async (one) => {
  const raw = rawOf(one);
  assert.equal(await codeOf(() => lines.decode(raw)), one.code);
  assert.equal(one.code ? null : lines.digest(raw), one.digest);
  if (!one.code) assert.equal(lines.encode(lines.decode(raw)), lines.text(raw));
});

each('text_frames', async (one) => {
  assert.equal(await codeOf(() => changes.splitText(lines.bytes(one.text))), one.code);
  const rows = one.code ? null : changes.splitText(lines.bytes(one.text)).rows.map(lines.text);
  assert.deepEqual(rows, one.rows);
});

each('encodings', async (one) => {
  assert.equal(await codeOf(() => lines.unb64u(one.text)), one.code);
  if (one.code) return assert.equal(one.hex, null);
  assert.equal(lines.hex(lines.unb64u(one.text)), one.hex);
  return assert.equal(lines.b64u(lines.unhex(one.hex)), one.text);
});

each('signatures', async (one) => {
  const [token, key] = [one.token.join('.'), lines.unhex(one.key)];
  assert.equal(await codeOf(() => signing.verify(token, one.typ, key)), one.code);
  if (one.code) return;
  assert.deepEqual(signing.peek(token, one.typ), { kid: one.kid, payload: one.payload });
});

each('request_proofs', async (one) => {
  const about = { method: one.method, url: one.url, nowMs: one.now_ms };
  assert.equal(await codeOf(() => signing.checkProof(one.token.join('.'), lines.unhex(one.key), about)), one.code);
});

each('manifests', async (one) => {
  const key = lines.unhex(one.key);
  if (one.manifest) {
    assert.equal(await codeOf(() => manifest.verifyManifest(one.manifest.join('.'), key)), one.code);
    return;
  }
  const chain = one.chain.map((token) => manifest.verifyManifest(token.join('.'), key));
  assert.deepEqual(chain.map((link) => link.digest), one.digests);
  assert.equal(await codeOf(() => manifest.verifyChain(chain)), one.breaks_at === null ? null : 'bad_proof');
  assert.equal(await codeOf(() => manifest.verifyChain(chain.slice(0, (one.breaks_at ?? 4) - 1))), null);
});

each('conflict_ids', (one) => assert.equal(ids.conflictId(one.record, one.field), one.id));

each('time_ids', (one) => assert.equal(ids.uuid7(one.now_ms, () => lines.unhex(one.chance)), one.id));

each('capture_times', (one) => {
  const { earliestMs, latestMs, likelyMs, flags } = captureTime.interval(one.at, one.received_ms);
  assert.deepEqual({ earliest_ms: earliestMs, latest_ms: latestMs, likely_ms: likelyMs, flags }, one.interval);
});

each('gzip_members', async (one) => {
  const packed = lines.unb64(one.packed);
  assert.equal(await codeOf(() => gzip.gunzip(packed, one.limit)), one.code);
  assert.equal(one.code ? null : lines.text(await gzip.gunzip(packed, one.limit)), one.text);
});

each('envelopes', async (one) => {
  const key = { kem: one.kem, seed: lines.unhex(one.seed), public: lines.unhex(one.public) };
  assert.equal(envelope.kidOf(key.public), one.kid);
  const [sealed, info] = [lines.unb64(one.sealed), lines.bytes(one.info)];
  assert.equal(await codeOf(() => envelope.open(sealed, { key, info })), one.code);
  assert.equal(one.code ? null : lines.text(await envelope.open(sealed, { key, info })), one.text);
  // What this side seals to the vector's public key, its private key opens.
  const own = await envelope.seal(sealed, { kem: one.kem, public: key.public, info });
  assert.deepEqual(await envelope.open(own, { key, info }), sealed);
});

const gathered = async (pieces) => {
  const parts = [];
  for await (const piece of pieces) parts.push(piece);
  return lines.join(...parts);
};

each('frames', async (one) => {
  const key = lines.unhex(one.key);
  if (one.code) {
    assert.equal(await codeOf(() => gathered(frames.decrypt([lines.unb64(one.cipher)], key))), one.code);
    return;
  }
  const plain = Uint8Array.from({ length: one.plain_size }, (_, n) => n % 251);
  assert.equal(lines.digest(plain), one.plain_digest);
  const cipher = await gathered(frames.encrypt([plain], key, lines.unhex(one.prefix)));
  assert.deepEqual([cipher.length, lines.digest(cipher)], [one.cipher_size, one.cipher_digest]);
  assert.equal(frames.cipherSize(one.plain_size), one.cipher_size);
  if (one.plain_size < frames.FRAME_BYTES) assert.equal(lines.b64(cipher), one.cipher);
  for (const size of [1000, cipher.length]) {
    const count = Math.ceil(cipher.length / size);
    const chunks = Array.from({ length: count }, (_, n) => cipher.subarray(n * size, (n + 1) * size));
    assert.equal(lines.digest(await gathered(frames.decrypt(chunks, key))), one.plain_digest);
  }
});
