/**
 * The sealed travel form: HPKE (RFC 9180) over one gzip member, with inflation that stops at a limit.
 *
 * Suites: X-Wing (MLKEM768_X25519) by default, DHKEM(X25519) besides; always HKDF-SHA256 and AES-256-GCM.
 * An envelope is enc | ciphertext, in HPKE's base mode, with an empty aad.
 */

import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { XWing } from '@hpke/hybridkem-x-wing';

import { Malformed, TooLarge, Unopenable } from './errors.js';
import { gunzip, gzip } from './gzip.js';
import { bytes, digest, join } from './lines.js';

export const XWING = 'xwing';
export const X25519 = 'x25519';
export const KEMS = [XWING, X25519];
export const PUBLIC_BYTES = { [XWING]: 1184 + 32, [X25519]: 32 };
export const SEALED_BYTES_MAX = 1024 * 1024;
export const TEXT_BYTES_MAX = 8 * 1024 * 1024;
export const FEED_BYTES_MAX = 32 * 1024 * 1024;
const ENC_BYTES = { [XWING]: 1088 + 32, [X25519]: 32 };
const TAG_BYTES = 16;
const WORDS = 'the envelope cannot be opened with the key it names';

/**
 * @typedef {object} OpeningKey
 * @property {string} kem
 * @property {Uint8Array} seed 32 bytes: X-Wing's own decapsulation key, or the X25519 scalar
 * @property {Uint8Array} public raw
 */

/** @param {string} kem @returns {CipherSuite} */
function suite(kem) {
  const method = kem === XWING ? new XWing() : new DhkemX25519HkdfSha256();
  return new CipherSuite({ kem: method, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

/** Return bytes as an ArrayBuffer of their own, which is what @hpke takes. */
function buffer(raw) {
  return raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length);
}

/**
 * Return a fresh receiving key.
 * @param {string} [kem]
 * @returns {Promise<OpeningKey>}
 */
export async function newKey(kem = XWING) {
  const method = suite(kem).kem;
  const pair = await method.generateKeyPair();
  return {
    kem,
    seed: new Uint8Array(await method.serializePrivateKey(pair.privateKey)),
    public: new Uint8Array(await method.serializePublicKey(pair.publicKey)),
  };
}

/**
 * Return the `kid` of a public key: the first 16 hex digits of its SHA-256.
 * @param {Uint8Array} raw
 * @returns {string}
 */
export function kidOf(raw) {
  return digest(raw).slice(0, 16);
}

/**
 * Return HPKE.seal(public, info, gzip(text)) as enc | ciphertext; throws Malformed for a key that is none.
 * @param {Uint8Array} text
 * @param {{kem: string, public: Uint8Array, info: Uint8Array}} to
 * @returns {Promise<Uint8Array>}
 */
export async function seal(text, { kem, public: key, info }) {
  if (!KEMS.includes(kem) || key.length !== PUBLIC_BYTES[kem]) {
    throw new Malformed("the receiver's key does not fit its KEM");
  }
  const packed = await gzip(text);
  const method = suite(kem);
  try {
    const recipientPublicKey = await method.kem.deserializePublicKey(buffer(key));
    const sender = await method.createSenderContext({ recipientPublicKey, info: buffer(info) });
    return join(new Uint8Array(sender.enc), new Uint8Array(await sender.seal(buffer(packed))));
  } catch {
    throw new Malformed("the receiver's key is not a point that can be sealed to");
  }
}

/**
 * Return the text; a wrong key and a damaged envelope throw Unopenable in the same words, a text over the
 * limit TooLarge.
 * @param {Uint8Array} sealed
 * @param {{key: OpeningKey, info: Uint8Array, textBytesMax?: number}} by
 * @returns {Promise<Uint8Array>}
 */
export async function open(sealed, { key, info, textBytesMax = TEXT_BYTES_MAX }) {
  const cut = ENC_BYTES[key.kem];
  if (sealed.length < cut + TAG_BYTES) throw new Unopenable(WORDS);
  const method = suite(key.kem);
  let packed;
  try {
    const recipientKey = await method.kem.deserializePrivateKey(buffer(key.seed));
    const given = { recipientKey, enc: buffer(sealed.subarray(0, cut)), info: buffer(info) };
    const recipient = await method.createRecipientContext(given);
    packed = new Uint8Array(await recipient.open(buffer(sealed.subarray(cut))));
  } catch {
    throw new Unopenable(WORDS);
  }
  try {
    return await gunzip(packed, textBytesMax);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    throw new Unopenable(WORDS);
  }
}

/**
 * Return the HPKE info that binds a change-set to ledger, device and key.
 * @param {string} origin
 * @param {string} device
 * @param {string} kid
 * @returns {Uint8Array}
 */
export function changeSetInfo(origin, device, kid) {
  return bytes(`wardledger/1 change-set\n${origin}\n${device}\n${kid}`);
}

/**
 * Return the HPKE info that binds a feed page to ledger and device.
 * @param {string} origin
 * @param {string} device
 * @returns {Uint8Array}
 */
export function feedInfo(origin, device) {
  return bytes(`wardledger/1 feed\n${origin}\n${device}`);
}
