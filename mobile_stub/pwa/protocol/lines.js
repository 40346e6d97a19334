/**
 * Canonical lines: one JSON object a line, RFC 8785 narrowed to integers, and their digests.
 *
 * What is hashed or signed is hashed as the bytes that travelled. Reading encodes again what was parsed
 * and compares bytes, so duplicate keys, floats and exponents cannot pass.
 */

import { sha256 } from '@noble/hashes/sha2.js';

import { NotCanonical, TooLarge } from './errors.js';

export const LINE_BYTES_MAX = 64 * 1024;
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER;
export const DEPTH_MAX = 16;
export const ZERO_DIGEST = '0'.repeat(64);
const KEY = /^[A-Za-z0-9_.:-]{1,128}$/;
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;
const B64_CHUNK = 0x6000;
const encoder = new TextEncoder();

/**
 * Return the UTF-8 bytes of a text.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function bytes(text) {
  return encoder.encode(text);
}

/**
 * Return the text of UTF-8 bytes; throws TypeError for bytes that are none. A BOM is kept, not passed over.
 * @param {Uint8Array} raw
 * @returns {string}
 */
export function text(raw) {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
}

/**
 * Return the canonical text of a value, without a final LF.
 *
 * Keys are ASCII, so sorting by code unit is RFC 8785's order. Throws NotCanonical for floats, integers of
 * 2^53 and beyond, other keys, lone surrogates, undefined, and nesting over DEPTH_MAX.
 * @param {unknown} value
 * @returns {string}
 */
export function encode(value) {
  return encodeAt(value, 0);
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @returns {string}
 */
function encodeAt(value, depth) {
  if (depth > DEPTH_MAX) throw new NotCanonical(`nested deeper than ${DEPTH_MAX}`);
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string') return encodeText(value);
  if (Array.isArray(value)) return `[${value.map((member) => encodeAt(member, depth + 1)).join(',')}]`;
  if (typeof value === 'object') return encodeObject(/** @type {Record<string, unknown>} */ (value), depth);
  throw new NotCanonical('only objects, arrays, strings, integers, true, false and null may travel');
}

function encodeNumber(value) {
  if (!Number.isSafeInteger(value)) throw new NotCanonical('not an integer below 2^53');
  return String(value === 0 ? 0 : value);
}

function encodeText(value) {
  if (LONE_SURROGATE.test(value)) throw new NotCanonical('a lone surrogate is not encodable as UTF-8');
  return JSON.stringify(value);
}

function encodeObject(value, depth) {
  const keys = Object.keys(value).sort();
  const members = keys.map((key) => {
    if (!KEY.test(key)) throw new NotCanonical('a key is not plain ASCII');
    return `"${key}":${encodeAt(value[key], depth + 1)}`;
  });
  return `{${members.join(',')}}`;
}

/**
 * Return the object that a line holds; throws NotCanonical or TooLarge.
 * @param {Uint8Array | string} line without its LF; a text is measured in UTF-8
 * @param {number} [bytesMax]
 * @returns {Record<string, any>}
 */
export function decode(line, bytesMax = LINE_BYTES_MAX) {
  const raw = typeof line === 'string' ? bytes(line) : line;
  if (raw.length > bytesMax) throw new TooLarge(`a line has ${raw.length} bytes, ${bytesMax} are allowed`);
  let given;
  let value;
  try {
    given = typeof line === 'string' ? line : text(raw);
    value = JSON.parse(given);
  } catch {
    throw new NotCanonical('a line is not JSON in UTF-8');
  }
  if (!isObject(value)) throw new NotCanonical('a line must hold one object');
  if (encode(value) !== given) throw new NotCanonical('the line is not in canonical form');
  return value;
}

/**
 * Return whether a parsed value is an object, neither null nor an array.
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Return the SHA-256 of a line in lower-case hex; a text is hashed as its UTF-8 bytes.
 * @param {Uint8Array | string} line
 * @returns {string}
 */
export function digest(line) {
  return hex(sha256(typeof line === 'string' ? bytes(line) : line));
}

/**
 * Return bytes as lower-case hex.
 * @param {Uint8Array} raw
 * @returns {string}
 */
export function hex(raw) {
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Return the bytes of lower-case hex; throws NotCanonical for any other text.
 * @param {string} given
 * @returns {Uint8Array}
 */
export function unhex(given) {
  if (!/^(?:[0-9a-f]{2})*$/.test(given)) throw new NotCanonical('not lower-case hex');
  return Uint8Array.from(given.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * Return standard base64 with padding.
 * @param {Uint8Array} raw
 * @returns {string}
 */
export function b64(raw) {
  let binary = '';
  for (let at = 0; at < raw.length; at += B64_CHUNK) {
    binary += String.fromCharCode(...raw.subarray(at, at + B64_CHUNK));
  }
  return btoa(binary);
}

/**
 * Return the bytes of standard base64 in its one spelling; throws NotCanonical.
 * @param {string} given
 * @returns {Uint8Array}
 */
export function unb64(given) {
  let binary;
  try {
    binary = atob(given);
  } catch {
    throw new NotCanonical('not base64');
  }
  const raw = Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
  if (b64(raw) !== given) throw new NotCanonical('not base64 in its one spelling');
  return raw;
}

/**
 * Return base64url without padding.
 * @param {Uint8Array} raw
 * @returns {string}
 */
export function b64u(raw) {
  return b64(raw).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * Return the bytes of unpadded base64url in its one spelling; throws NotCanonical.
 * @param {string} given
 * @param {number} [length] how many bytes there must be
 * @returns {Uint8Array}
 */
export function unb64u(given, length) {
  if (!/^[A-Za-z0-9_-]*$/.test(given)) throw new NotCanonical('not base64url without padding');
  const padded = given.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (given.length % 4)) % 4);
  const raw = unb64(padded);
  if (length !== undefined && raw.length !== length) throw new NotCanonical('base64url of the wrong length');
  return raw;
}

/**
 * Return whether two byte strings are equal.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 * @returns {boolean}
 */
export function same(one, other) {
  return one.length === other.length && one.every((byte, n) => byte === other[n]);
}

/**
 * Return byte strings joined.
 * @param {...Uint8Array} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
