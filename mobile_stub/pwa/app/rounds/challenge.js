/** The challenge of a remote round: four characters that nobody could know before the call (docs/protocol.md 13). */

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

const ALPHABET = '23456789ACDEFHJKMNPRTUWXY';
const CHARACTERS = 4;
const PURPOSE = 'wardledger/1 challenge';

/**
 * Return the four characters of a round, or of one bed in it.
 * @param {string} root hex, of the signed checkpoint at the call
 * @param {string} round the round's id
 * @param {string} [bed] the in-patient's id; none for the card of the whole round
 * @returns {string}
 */
export function challenge(root, round, bed = '') {
  const text = new TextEncoder();
  const key = Uint8Array.from(root.match(/../g), (pair) => parseInt(pair, 16));
  const mac = hmac(sha256, key, text.encode(`${PURPOSE}\n${round}\n${bed}\n`));
  let number = mac.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let found = '';
  for (let n = 0; n < CHARACTERS; n += 1) {
    found = ALPHABET[Number(number % BigInt(ALPHABET.length))] + found;
    number /= BigInt(ALPHABET.length);
  }
  return found;
}

/**
 * Return the characters that a picture of an in-patient must show; null before the round was called.
 * @param {{id: string, values: Record<string, any>}} round
 * @param {string} encounter
 * @returns {string | null}
 */
export function expectedChallenge({ id, values }, encounter) {
  if (!values.challenge_root) return null;
  return challenge(values.challenge_root, id, values.challenge_by_bed ? encounter : '');
}
