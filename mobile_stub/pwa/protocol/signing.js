/**
 * Signatures: compact JWS (RFC 7515) by Ed25519 with a fixed `typ`, and a device's request proof.
 *
 * The header is exactly alg, kid and typ in canonical form; any other is refused, so no algorithm can be
 * negotiated and one payload has one encoding. Ed25519 is @noble's: the WebViews of the field's phones lack it.
 */

import { ed25519 } from '@noble/curves/ed25519.js';

import { BadSignature, ProofExpired } from './errors.js';
import { b64u, bytes, decode, digest, encode, unb64u } from './lines.js';

export const MANIFEST = 'wl-manifest';
export const PROOF = 'wl-proof';
export const ENROL = 'wl-enrol';
export const ENROLLED = 'wl-enrolled';
export const RECEIPT = 'wl-receipt';
export const KEYS = 'wl-keys';
export const FEED = 'wl-feed';
export const STATEMENT = 'wl-statement';
export const TOKEN_BYTES_MAX = 32 * 1024 * 1024;
export const PROOF_SECONDS_MAX = 300;
const HEADER_BYTES_MAX = 1024;
const ASCII = /^[\x00-\x7F]*$/;

/**
 * @typedef {object} Signer an Ed25519 key in use, wherever it lies
 * @property {Uint8Array} publicKey raw, 32 bytes
 * @property {(message: Uint8Array) => Promise<Uint8Array>} sign 64 bytes
 */

/**
 * Return the 32 raw bytes of the public key of a 32-byte seed.
 * @param {Uint8Array} seed
 * @returns {Uint8Array}
 */
export function publicOf(seed) {
  return ed25519.getPublicKey(seed);
}

/**
 * Return the `kid` of a key: the first 16 hex digits of its SHA-256.
 * @param {Uint8Array} raw
 * @returns {string}
 */
export function keyId(raw) {
  return digest(raw).slice(0, 16);
}

/**
 * Return the Ed25519 signature over some bytes.
 * @param {Uint8Array} seed
 * @param {Uint8Array} message
 * @returns {Uint8Array} 64 bytes
 */
export function signBytes(seed, message) {
  return ed25519.sign(message, seed);
}

/**
 * Return whether a signature is by a key; false, too, for a key or a signature that is none.
 * @param {Uint8Array} key raw
 * @param {Uint8Array} signature
 * @param {Uint8Array} message
 * @returns {boolean}
 */
export function verifyBytes(key, signature, message) {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/**
 * Return the compact JWS of a canonical payload.
 * @param {Uint8Array} seed
 * @param {string} typ
 * @param {Record<string, unknown>} payload
 * @param {string} kid
 * @returns {string}
 */
export function sign(seed, typ, payload, kid) {
  const signed = unsigned(typ, payload, kid);
  return `${signed}.${b64u(signBytes(seed, bytes(signed)))}`;
}

/**
 * Return the compact JWS of a canonical payload, by a key that may never leave its place.
 * @param {Signer} signer
 * @param {string} typ
 * @param {Record<string, unknown>} payload
 * @param {string} kid
 * @returns {Promise<string>}
 */
export async function signBy(signer, typ, payload, kid) {
  const signed = unsigned(typ, payload, kid);
  return `${signed}.${b64u(await signer.sign(bytes(signed)))}`;
}

function unsigned(typ, payload, kid) {
  return `${b64u(bytes(encode({ alg: 'EdDSA', kid, typ })))}.${b64u(bytes(encode(payload)))}`;
}

/**
 * Return what signs by a seed at hand.
 * @param {Uint8Array} seed
 * @returns {Signer}
 */
export function seedSigner(seed) {
  return { publicKey: publicOf(seed), sign: async (message) => signBytes(seed, message) };
}

/**
 * Return {kid, payload} of a JWS whose signature is NOT verified yet, for finding the key to verify with.
 * @param {string} token
 * @param {string} typ
 * @returns {{kid: string, payload: Record<string, any>}}
 */
export function peek(token, typ) {
  const parts = token.split('.');
  if (parts.length !== 3 || token.length > TOKEN_BYTES_MAX || !ASCII.test(token)) {
    throw new BadSignature('not a compact JWS');
  }
  let header;
  let payload;
  try {
    header = decode(unb64u(parts[0]), HEADER_BYTES_MAX);
    payload = decode(unb64u(parts[1]), TOKEN_BYTES_MAX);
  } catch {
    throw new BadSignature('the JWS is not canonical');
  }
  const { kid } = header;
  if (typeof kid !== 'string' || encode(header) !== encode({ alg: 'EdDSA', kid, typ })) {
    throw new BadSignature(`the JWS is not of type ${typ}`);
  }
  return { kid, payload };
}

/**
 * Return the payload if the JWS is of `typ` and signed by `key`; throws BadSignature.
 * @param {string} token
 * @param {string} typ
 * @param {Uint8Array} key raw
 * @returns {Record<string, any>}
 */
export function verify(token, typ, key) {
  const { payload } = peek(token, typ);
  const cut = token.lastIndexOf('.');
  let signature;
  try {
    signature = unb64u(token.slice(cut + 1), 64);
  } catch {
    throw new BadSignature(`the signature of the ${typ} has not its form`);
  }
  if (!verifyBytes(key, signature, bytes(token.slice(0, cut)))) {
    throw new BadSignature(`the signature of the ${typ} does not verify`);
  }
  return payload;
}

/**
 * Return the bearer token by which a device signs one request (the shape of RFC 9449).
 * @param {Signer} signer
 * @param {{device: string, method: string, url: string, nowMs: number}} about
 * @returns {Promise<string>}
 */
export function requestProof(signer, { device, method, url, nowMs }) {
  return signBy(signer, PROOF, { htm: method, htu: url, iat: Math.floor(nowMs / 1000) }, device);
}

/**
 * Return if the proof is by `key`, for this method and address, and at most five minutes off.
 * @param {string} token
 * @param {Uint8Array} key
 * @param {{method: string, url: string, nowMs: number}} about
 */
export function checkProof(token, key, { method, url, nowMs }) {
  const { htm, htu, iat } = verify(token, PROOF, key);
  if (htm !== method || htu !== url || !Number.isSafeInteger(iat)) {
    throw new BadSignature('the proof is for another request');
  }
  if (Math.abs(Math.floor(nowMs / 1000) - iat) > PROOF_SECONDS_MAX) {
    throw new ProofExpired('the proof is over five minutes off', { server_time: nowMs });
  }
}
