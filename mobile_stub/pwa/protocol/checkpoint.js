/**
 * The signed head of a ledger: C2SP tlog-checkpoint as a signed note, and tlog-proof@v1.
 *
 * Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-proof. The log's origin line,
 * which is the note's key name too, is `<origin>/<epoch>`.
 */

import { sha256 } from '@noble/hashes/sha2.js';

import { BadProof, BadSignature } from './errors.js';
import { b64, bytes, hex, join, same, unb64 } from './lines.js';
import { HASH_BYTES, verifyInclusion } from './merkle.js';
import { publicOf, signBytes, verifyBytes } from './signing.js';

export const NOTE_BYTES_MAX = 8 * 1024;
export const PROOF_HEADER = 'c2sp.org/tlog-proof@v1';
const ED25519 = Uint8Array.of(1);
const SIZE = /^(?:0|[1-9][0-9]{0,15})$/;
const INDEX = /^index (0|[1-9][0-9]{0,15})$/;
const DASH = '\u2014';

/**
 * @typedef {object} Checkpoint
 * @property {string} origin the ledger's
 * @property {string} epoch 32 hex digits
 * @property {number} size number of leaves
 * @property {Uint8Array} root
 * @property {string} note the signed text, empty before it is signed
 */

/** @param {Checkpoint} head @returns {string} the C2SP origin line */
export const nameOf = (head) => `${head.origin}/${head.epoch}`;

/** @param {Checkpoint} head @returns {string} the text that is signed */
export const bodyOf = (head) => `${nameOf(head)}\n${head.size}\n${b64(head.root)}\n`;

/**
 * Return the four bytes by which a note names its key.
 * @param {string} name
 * @param {Uint8Array} key raw
 * @returns {Uint8Array}
 */
export function keyHash(name, key) {
  return sha256(join(bytes(`${name}\n`), ED25519, key)).subarray(0, 4);
}

/**
 * Return the public key as Go's sumdb/note reads it.
 * @param {string} name
 * @param {Uint8Array} key raw
 * @returns {string}
 */
export function verifierKey(name, key) {
  return `${name}+${hex(keyHash(name, key))}+${b64(join(ED25519, key))}`;
}

/**
 * Return the head with its note: body, blank line, one signature line.
 * @param {Checkpoint} head
 * @param {Uint8Array} seed
 * @returns {Checkpoint}
 */
export function sign(head, seed) {
  const mark = join(keyHash(nameOf(head), publicOf(seed)), signBytes(seed, bytes(bodyOf(head))));
  return { ...head, note: `${bodyOf(head)}\n${DASH} ${nameOf(head)} ${b64(mark)}\n` };
}

/**
 * Return the head that a note states, its signatures NOT verified; throws BadProof.
 * @param {string} note
 * @returns {Checkpoint}
 */
export function parse(note) {
  if (note.length > NOTE_BYTES_MAX || !note.includes('\n\n') || !note.endsWith('\n')) {
    throw new BadProof('not a signed note');
  }
  const rows = note.slice(0, note.indexOf('\n\n')).split('\n');
  if (rows.length !== 3 || !SIZE.test(rows[1])) throw new BadProof('not a checkpoint');
  const cut = rows[0].lastIndexOf('/');
  const [origin, epoch] = [rows[0].slice(0, Math.max(cut, 0)), rows[0].slice(cut + 1)];
  const size = Number(rows[1]);
  const root = strictBase64(rows[2]);
  if (!origin || !epoch || root.length !== HASH_BYTES || !Number.isSafeInteger(size)) {
    throw new BadProof('not a checkpoint');
  }
  return { origin, epoch, size, root, note };
}

function strictBase64(given) {
  try {
    return unb64(given);
  } catch {
    throw new BadProof('not base64 in its one spelling');
  }
}

/**
 * Return the head if one of `keys` signed it under the head's own name; throws BadProof or BadSignature.
 * @param {string} note
 * @param {Uint8Array[]} keys raw
 * @returns {Checkpoint}
 */
export function verify(note, keys) {
  const head = parse(note);
  const name = nameOf(head);
  const message = bytes(bodyOf(head));
  let signed = false;
  for (const row of note.slice(note.indexOf('\n\n') + 2, -1).split('\n')) {
    const [said, raw] = signatureLine(row);
    for (const key of keys) {
      if (said !== name || !same(raw.subarray(0, 4), keyHash(name, key))) continue;
      if (!verifyBytes(key, raw.subarray(4), message)) {
        throw new BadSignature('a signature by a pinned ledger key does not verify');
      }
      signed = true;
    }
  }
  if (!signed) throw new BadSignature('no pinned ledger key signed this checkpoint');
  return head;
}

/**
 * Return whether a signature line of the note names one of the keys; nothing is verified. Throws BadProof.
 * @param {string} note
 * @param {Uint8Array[]} keys raw
 * @returns {boolean}
 */
export function names(note, keys) {
  const name = nameOf(parse(note));
  const rows = note.slice(note.indexOf('\n\n') + 2, -1).split('\n');
  return rows.some((row) => keys.some((key) => same(signatureLine(row)[1].subarray(0, 4), keyHash(name, key))));
}

function signatureLine(row) {
  const dash = row.indexOf(' ');
  const cut = row.lastIndexOf(' ');
  const raw = strictBase64(row.slice(cut + 1));
  if (row.slice(0, dash) !== DASH || cut <= dash + 1) throw new BadProof('not a signature line');
  return [row.slice(dash + 1, cut), raw];
}

/**
 * Return {index, head} if the tlog-proof shows `leaf` under a checkpoint by one of `keys`; else throws.
 * @param {string} proof
 * @param {Uint8Array} leaf
 * @param {Uint8Array[]} keys raw
 * @returns {{index: number, head: Checkpoint}}
 */
export function verifyProofText(proof, leaf, keys) {
  const cut = proof.indexOf('\n\n');
  const rows = proof.slice(0, Math.max(cut, 0)).split('\n');
  const found = rows.length > 1 && rows[0] === PROOF_HEADER ? INDEX.exec(rows[1]) : null;
  if (!found) throw new BadProof('not a tlog-proof');
  const index = Number(found[1]);
  const path = rows.slice(2).map(strictBase64);
  const head = verify(proof.slice(cut + 2), keys);
  verifyInclusion(leaf, index, head.size, path, head.root);
  return { index, head };
}
