/** Identifiers: UUIDv7 from a given time and given randomness, and the id of a field's one conflict record. */

import { sha256 } from '@noble/hashes/sha2.js';

import { bytes, hex } from './lines.js';

/** @param {Uint8Array} raw 16 bytes @returns {string} */
function uuidOf(raw) {
  const digits = hex(raw);
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts.slice(1).map((end, n) => digits.slice(cuts[n], end)).join('-');
}

/**
 * Return the UUIDv7 (RFC 9562 section 5.7) of a time, with 74 bits of chance; ids sort by their time.
 * @param {number} nowMs Unix ms
 * @param {(count: number) => Uint8Array} random
 * @returns {string}
 */
export function uuid7(nowMs, random) {
  const raw = new Uint8Array(16);
  new DataView(raw.buffer).setBigUint64(0, BigInt(nowMs) << 16n);
  raw.set(random(10), 6);
  raw[6] = (raw[6] & 0x0f) | 0x70;
  raw[8] = (raw[8] & 0x3f) | 0x80;
  return uuidOf(raw);
}

/**
 * Return the id of the one conflict record of a field: UUIDv8 of a digest (RFC 9562 section 5.8).
 * @param {string} record
 * @param {string} field
 * @returns {string}
 */
export function conflictId(record, field) {
  const raw = sha256(bytes(`wardledger/1 conflict\n${record}\n${field}`)).slice(0, 16);
  raw[6] = (raw[6] & 0x0f) | 0x80;
  raw[8] = (raw[8] & 0x3f) | 0x80;
  return uuidOf(raw);
}
