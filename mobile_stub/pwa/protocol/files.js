/**
 * Files: encrypted as they are captured, sent by tus 1.0.0 in pieces, resumed where they stopped, read back.
 *
 * A file lies on the phone only as its cipher, named by the cipher's digest; its key is in the evidence
 * record's file-key line.
 */

import { sha256 } from '@noble/hashes/sha2.js';

import { FileCorrupt, Malformed } from './errors.js';
import { DIGEST } from './forms.js';
import { KEY_BYTES, PREFIX_BYTES, decrypt, encrypt } from './frames.js';
import { b64, b64u, bytes, digest, hex, join, unb64u } from './lines.js';
import { BareStatus, Damaged, NotTheServer, ServerRefused } from './trouble.js';

export const CHUNK_BYTES = 1024 * 1024;
export const PART_BYTES_MAX = 16 * 1024 * 1024;
/** A chunk that took less than this is followed by one twice as long, any other by one half as long. */
export const QUICK_MS = 2_000;
const TRIES_MAX = 3;
const TUS = { 'Tus-Resumable': '1.0.0' };
const PART_TYPE = 'application/offset+octet-stream';

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * Encrypt a file under a key of its own, keep its cipher, and return what its evidence record states.
 * @param {Kit} kit
 * @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} chunks
 * @returns {Promise<{digest: string, size: number, cipher_digest: string, cipher_size: number, file_key: string}>}
 */
export async function capture(kit, chunks) {
  const key = kit.random(KEY_BYTES);
  const plain = sha256.create();
  const cipher = sha256.create();
  let size = 0;
  let cipherSize = 0;
  async function* watched() {
    for await (const chunk of chunks) {
      plain.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  async function* sealed() {
    for await (const piece of encrypt(watched(), key, kit.random(PREFIX_BYTES))) {
      cipher.update(piece);
      cipherSize += piece.length;
      yield piece;
    }
  }
  // Its name is known only when it is written, so it is written under a name that nothing else has.
  const aside = `new-${hex(kit.random(8))}`;
  await kit.journal.putBlob(aside, sealed());
  const name = hex(cipher.digest());
  await kit.journal.renameBlob(aside, name);
  return { digest: hex(plain.digest()), size, cipher_digest: name, cipher_size: cipherSize, file_key: b64u(key) };
}

// -- sending -----------------------------------------------------------------------------------------------

/**
 * Send every file that waits; one that fails does not keep the others waiting.
 * @param {Kit} kit
 * @param {{files: number, bytes: number}} done bytes counts what was acknowledged
 * @param {(told: {done: number, total: number, file?: string, bytes?: number, size?: number}) => void} [onProgress]
 */
export async function upload(kit, done, onProgress = () => {}) {
  await kit.refuseIfStopped();
  let failed = null;
  const waiting = (await kit.journal.rows('file/')).filter(([, file]) => file.state === 'waiting');
  const tell = (more) => onProgress({ done: done.files, total: waiting.length, ...more });
  for (const [key, file] of waiting) {
    try {
      const sent = await sendFile(kit, key.slice(5), file, { done, tell });
      await kit.journal.write([[key, { ...sent, state: 'sent' }]]);
      done.files += 1;
      tell({ file: key.slice(5), bytes: file.size, size: file.size });
    } catch (error) {
      const own = [ServerRefused, BareStatus, Damaged].some((kind) => error instanceof kind);
      if (!own) throw error;
      failed ??= error;
    }
  }
  if (failed) throw failed;
}

/** Send one file from wherever it stands; an upload that the server forgot is begun anew. */
async function sendFile(kit, name, given, by) {
  let file = given;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    try {
      const [placed, offset] = await place(kit, name, file);
      file = placed;
      if (offset !== null) await patches(kit, name, file, offset, by);
      return file;
    } catch (error) {
      if (![404, 409, 410].includes(error.status)) throw error;
      if (error.status !== 409) file = { ...file, location: null };
      await kit.journal.write([[`file/${name}`, file]]);
    }
  }
  throw new NotTheServer('the upload was begun anew several times and never went on');
}

/** Return [file, offset to go on from]; the upload is made if there is none; null if the server has the file. */
async function place(kit, name, file) {
  if (file.location) {
    const answer = await kit.transport.ask('HEAD', file.location, { headers: TUS, signed: false, good: [200, 204] });
    return [file, answer.number('upload-offset')];
  }
  const headers = {
    ...TUS,
    'Upload-Length': String(file.size),
    'Upload-Metadata': `digest ${b64(bytes(name))}`,
  };
  const answer = await kit.transport.ask('POST', '/v1/files', { headers, good: [200, 201] });
  const location = answer.headers.get('location');
  if (!location) {
    if (answer.status === 200) return [file, null];
    throw new NotTheServer('the upload was made without a Location');
  }
  // Kept before the first byte: after a kill the upload goes on instead of being begun anew.
  const placed = { ...file, location: kit.transport.address(location) };
  await kit.journal.write([[`file/${name}`, placed]]);
  return [placed, answer.headers.has('upload-offset') ? answer.number('upload-offset') : 0];
}

async function patches(kit, name, file, from, { done, tell }) {
  let part = CHUNK_BYTES;
  for (let at = from; at < file.size; ) {
    const chunk = await kit.journal.readBlob(name, at, Math.min(part, file.size - at));
    if (!chunk.length) throw new Damaged(`the captured file ${name.slice(0, 12)} is shorter than it was`);
    const { there, tripMs } = await patch(kit, file.location, at, chunk);
    part = tripMs < QUICK_MS ? Math.min(2 * part, PART_BYTES_MAX) : Math.max(part / 2, CHUNK_BYTES);
    if (there <= at || there > file.size) throw new NotTheServer("the upload's offset does not move");
    done.bytes += there - at;
    at = there;
    tell({ file: name, bytes: at, size: file.size });
  }
}

/** Send one chunk; return the offset after it and how long it took. One that was damaged on its way is sent again. */
async function patch(kit, location, offset, chunk) {
  const headers = {
    ...TUS,
    'Upload-Offset': String(offset),
    'Content-Type': PART_TYPE,
    'Upload-Checksum': `sha256 ${b64(new Uint8Array(await crypto.subtle.digest('SHA-256', chunk)))}`,
  };
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await kit.transport.ask('PATCH', location, { body: chunk, headers, signed: false, good: [204] });
      return { there: answer.number('upload-offset'), tripMs: answer.tripMs };
    } catch (error) {
      if (error.status !== 460 || tries === TRIES_MAX) throw error;
    }
  }
}

// -- reading back ------------------------------------------------------------------------------------------

/**
 * Return the plain bytes of an evidence record's file, from the phone or from the server; throws FileCorrupt.
 * @param {Kit} kit
 * @param {Record<string, any>} values of the record, its file_key among them
 * @returns {Promise<Uint8Array>}
 */
export async function read(kit, values) {
  const { cipher_digest: name, cipher_size: size, file_key: key } = values;
  if (!DIGEST.test(name ?? '') || !key) {
    throw new Malformed('the record names no file, or its key was erased', { field: 'file_key' });
  }
  let cipher = await kit.journal.readBlob(name, 0, size);
  if (cipher.length !== size) cipher = (await kit.transport.ask('GET', `/v1/files/${name}`)).body;
  if (digest(cipher) !== name) throw new FileCorrupt('the file is not the one that the record names', { item: name });
  const frames = [];
  for await (const frame of decrypt([cipher], unb64u(key, KEY_BYTES))) frames.push(frame);
  const plain = join(...frames);
  if (digest(plain) !== values.digest || plain.length !== values.size) {
    throw new FileCorrupt('the opened file is not what was signed at capture', { item: name });
  }
  return plain;
}
