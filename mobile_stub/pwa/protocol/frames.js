/**
 * A file's cipher: 1 MiB frames of AES-256-GCM in the STREAM construction.
 *
 * The file is 7 random bytes, then frames of 1 MiB plaintext + 16-byte tag; the nonce is those 7 bytes | frame
 * counter (4 bytes, big-endian, from 0) | last-frame flag (1 byte). Exactly one frame carries the flag; an
 * empty file is one empty frame. Re-ordering, cutting and joining are all found.
 */

import { FileCorrupt } from './errors.js';
import { join } from './lines.js';

export const FRAME_BYTES = 1024 * 1024;
export const TAG_BYTES = 16;
export const PREFIX_BYTES = 7;
export const KEY_BYTES = 32;

/**
 * Return the size of the cipher of a plain file.
 * @param {number} plainSize
 * @returns {number}
 */
export function cipherSize(plainSize) {
  return PREFIX_BYTES + plainSize + Math.max(1, Math.ceil(plainSize / FRAME_BYTES)) * TAG_BYTES;
}

function nonce(prefix, counter, last) {
  const made = new Uint8Array(12);
  made.set(prefix);
  new DataView(made.buffer).setUint32(PREFIX_BYTES, counter);
  made[11] = last ? 1 : 0;
  return made;
}

async function aes(key, use) {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, [use]);
}

/** Yield [frame, last] of `size` bytes each, only the last shorter; holds at most one frame and a chunk. @returns {AsyncGenerator<[Uint8Array<ArrayBuffer>, boolean]>} */
async function* regroup(chunks, size) {
  let parts = [];
  let held = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    held += chunk.length;
    if (held <= size) continue;
    const whole = join(...parts);
    let at = 0;
    for (; held - at > size; at += size) yield [whole.subarray(at, at + size), false];
    parts = [whole.subarray(at)];
    held -= at;
  }
  yield [join(...parts), true];
}

/**
 * Yield the cipher of the plain chunks.
 * @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} chunks
 * @param {Uint8Array} key 32 random bytes
 * @param {Uint8Array} prefix 7 random bytes, never used twice with one key
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* encrypt(chunks, key, prefix) {
  const secret = await aes(key, 'encrypt');
  yield prefix;
  let counter = 0;
  for await (const [frame, last] of regroup(chunks, FRAME_BYTES)) {
    const iv = nonce(prefix, counter, last);
    yield new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, secret, frame));
    counter += 1;
  }
}

/**
 * Yield the plain frames; throws FileCorrupt at the first frame that does not open.
 * @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} chunks
 * @param {Uint8Array} key
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* decrypt(chunks, key) {
  const secret = await aes(key, 'decrypt');
  const prefix = [];
  let counter = 0;
  for await (const [frame, last] of regroup(afterPrefix(chunks, prefix), FRAME_BYTES + TAG_BYTES)) {
    if (!prefix.length) throw new FileCorrupt('the file is shorter than its prefix');
    const iv = nonce(prefix[0], counter, last);
    let plain;
    try {
      plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, secret, frame);
    } catch {
      throw new FileCorrupt(`frame ${counter} does not open`);
    }
    yield new Uint8Array(plain);
    counter += 1;
  }
}

/** Yield what follows the first 7 bytes, which are put into `prefix`. */
async function* afterPrefix(chunks, prefix) {
  /** @type {Uint8Array} */
  let head = new Uint8Array();
  for await (const chunk of chunks) {
    if (prefix.length) {
      yield chunk;
      continue;
    }
    head = join(head, chunk);
    if (head.length < PREFIX_BYTES) continue;
    prefix.push(head.slice(0, PREFIX_BYTES));
    yield head.subarray(PREFIX_BYTES);
  }
}
