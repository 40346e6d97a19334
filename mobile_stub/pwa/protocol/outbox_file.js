/**
 * Exporting what was not sent into one file, for the desk: no network for weeks, or a phone that is about to die.
 *
 * The sets are sealed as for a push and stay as they are: whether the desk or the network is first, each is entered
 * once, and the next sync brings the receipts. Canonical JSON lines, each followed by the bytes that it announces and
 * one LF; the last line names the digest of all that stands before it (docs/protocol.md section 8).
 */

import { sha256 } from '@noble/hashes/sha2.js';

import { KeyCompromised } from './errors.js';
import { CHUNK_BYTES } from './files.js';
import { numberOf } from './journal.js';
import { openingKey, readKeys } from './keys.js';
import { bytes, digest, encode, hex } from './lines.js';
import { handed } from './dismissal.js';
import { sealFor, sealNext, textToSend } from './push.js';
import { Alarmed, Damaged, StaleKeys, Stopped } from './trouble.js';

export const KIND = 'wardledger-outbox';
export const MEDIA_TYPE = 'application/vnd.wardledger.outbox';
export const SUFFIX = '.wlo';

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * @typedef {object} Exported one file, not yet written
 * @property {number} sets
 * @property {number} files
 * @property {number} left changes that this phone may not seal any more, and that are not in it
 * @property {AsyncIterable<Uint8Array>} stream the file; it can be read once
 */

/**
 * Return a file of every set without a receipt, the outbox sealed into new ones, and every file the server may lack.
 *
 * The key list that this phone knows is good enough, however old: the server opens by retired keys as well. Throws
 * StaleKeys where this phone never had one.
 * @param {Kit} kit
 * @returns {Promise<Exported>}
 */
export async function exported(kit) {
  const kept = await kit.journal.get('keys');
  if (!kept) throw new StaleKeys('this phone has never had a key list');
  await sealAll(kit);
  const last = await handed(kit);
  const unsent = ([key, set]) => !set.receipt && numberOf(key) > last;
  const seqs = (await kit.journal.rows('set/')).filter(unsent).map(([key]) => numberOf(key));
  const rows = (await kit.journal.rows('file/')).filter(([, file]) => file.state !== 'done');
  const files = rows.map(([key, { size }]) => ({ name: key.slice('file/'.length), size }));
  const left = (await kit.journal.rows('change/')).filter(([, row]) => row.seq === undefined).length;
  const head = {
    v: 1,
    kind: KIND,
    origin: kit.me.origin,
    device: kit.me.device,
    app: kit.me.app,
    made_at: kit.clock.wall(),
    parts: seqs.length + files.length,
  };
  const key = openingKey(readKeys(kept, kit.me.ledger_pin));
  return { sets: seqs.length, files: files.length, left, stream: summed(written(kit, { head, seqs, files, key })) };
}

/** Seal what waits, unless this phone may not any more: what it has sealed is exported all the same. */
async function sealAll(kit) {
  try {
    while ((await sealNext(kit)) !== null);
  } catch (error) {
    if (![Alarmed, Stopped, KeyCompromised].some((kind) => error instanceof kind)) throw error;
  }
}

async function* written(kit, { head, seqs, files, key }) {
  yield line(head);
  for (const seq of seqs) {
    const sealed = await sealFor(kit, await textToSend(kit, seq), key);
    yield line({ kind: 'set', seq, kid: key.kid, digest: digest(sealed), size: sealed.length });
    yield sealed;
    yield bytes('\n');
  }
  for (const { name, size } of files) {
    yield line({ kind: 'file', digest: name, size });
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      const chunk = await kit.journal.readBlob(name, at, Math.min(CHUNK_BYTES, size - at));
      if (chunk.length !== Math.min(CHUNK_BYTES, size - at)) throw new Damaged('a captured file is shorter than it was');
      yield chunk;
    }
    yield bytes('\n');
  }
}

const line = (body) => bytes(`${encode(body)}\n`);

/** Yield the chunks, and behind them the line that names the digest of them all. */
async function* summed(chunks) {
  const sum = sha256.create();
  for await (const chunk of chunks) {
    sum.update(chunk);
    yield chunk;
  }
  yield line({ kind: 'end', digest: hex(sum.digest()) });
}

/**
 * Return a stream as a Blob, chunk after chunk, so that a browser may keep it on its disk.
 * @param {AsyncIterable<Uint8Array>} stream
 * @returns {Promise<Blob>}
 */
export async function blobOf(stream) {
  let whole = new Blob([], { type: MEDIA_TYPE });
  for await (const chunk of stream) whole = new Blob([whole, /** @type {BlobPart} */ (chunk)], { type: MEDIA_TYPE });
  return whole;
}
