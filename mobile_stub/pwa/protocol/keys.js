/** The key list of GET /v1/keys: what a phone seals to, under the ledger key that it pinned. */

import { KEMS, PUBLIC_BYTES, XWING, kidOf } from './envelope.js';
import { BadProof, Malformed, PinMismatch } from './errors.js';
import * as forms from './forms.js';
import { digest } from './lines.js';
import { follow, refuseCompromised } from './key_chain.js';
import { KEYS, keyId, peek, verify } from './signing.js';

export const APP_WORDS = ['ok', 'upgrade_after_upload', 'read_only'];
const OPENING_MAX = 64;
const LEDGER_KEYS_MAX = 64;

const OPENING = forms.open({ kid: forms.token, kem: forms.token, key: forms.raw() });

const FORM = forms.open({
  v: forms.whole(1, 1),
  origin: forms.origin,
  epoch: forms.epoch,
  iat: forms.instant,
  exp: forms.instant,
  serial: forms.whole(),
  opening: forms.list(OPENING, { min: 1, max: OPENING_MAX }),
  ledger: forms.list(forms.raw(32), { min: 1, max: LEDGER_KEYS_MAX }),
  statements: forms.optional(forms.list(forms.words, { max: LEDGER_KEYS_MAX }), []),
  compromised: forms.optional(forms.list(forms.digest, { max: LEDGER_KEYS_MAX }), []),
  epochs: forms.optional(forms.list(forms.open({ statement: forms.words, entry: forms.words })), []),
  recovery: forms.raw(32),
  app: forms.optional(forms.words, 'ok'),
});

/**
 * Return the key list, signed by the pinned ledger key or by one that it leads to.
 *
 * Its `pinned` is that raw key, its `chain` the raw keys that count: that one first, then those it leads to. Throws
 * PinMismatch where the list does not name it, KeyCompromised where the way from it leads over a compromised one,
 * BadSignature where none of the keys on the way signed the list, Malformed.
 * A KEM that this app does not know is passed over.
 * @param {string} jws
 * @param {string} pin SHA-256 of the ledger key in hex, as in the invite
 * @returns {Record<string, any>}
 */
export function readKeys(jws, pin) {
  const { kid, payload } = peek(jws, KEYS);
  const found = FORM(payload, 'keys');
  const pinned = found.ledger.find((key) => digest(key) === pin);
  if (!pinned) throw new PinMismatch("the ledger key is not the invite's");
  const chain = follow(pinned, found.statements, found.origin);
  verify(jws, KEYS, chain.find((key) => keyId(key) === kid) ?? pinned);
  // Only a list that the ledger signed may stop a phone.
  refuseCompromised(chain, found.compromised);
  const opening = found.opening.filter((one) => KEMS.includes(one.kem));
  for (const one of opening) {
    if (one.key.length !== PUBLIC_BYTES[one.kem] || one.kid !== kidOf(one.key)) {
      throw new Malformed('an opening key does not fit its kid or its KEM', { field: 'opening' });
    }
  }
  if (!opening.length) throw new Malformed('no opening key of a KEM that this app knows', { field: 'opening' });
  const app = APP_WORDS.includes(found.app) ? found.app : 'ok';
  return { ...found, opening, pinned, chain, app, jws };
}

/**
 * Return the key to seal to: the first X-Wing one; X25519 only where the list has none.
 * @param {Record<string, any>} keys
 * @returns {{kid: string, kem: string, key: Uint8Array}}
 */
export function openingKey(keys) {
  return keys.opening.find((one) => one.kem === XWING) ?? keys.opening[0];
}

/**
 * Return if a key list may follow the one at hand; throws BadProof.
 * @param {Record<string, any>} found
 * @param {Record<string, any> | null} known
 * @param {{origin: string, recoveryPin: string}} pinned origin: empty before it is known
 */
export function checkKeys(found, known, { origin, recoveryPin }) {
  if (origin && found.origin !== origin) throw new BadProof(`the key list is that of ${found.origin}`);
  if (digest(found.recovery) !== recoveryPin) {
    throw new BadProof('the key list names another recovery key than the invite');
  }
  if (known && found.serial < known.serial) throw new BadProof('the key list is older than one this phone has seen');
  if (known && known.chain.some((key, n) => !found.chain[n] || digest(key) !== digest(found.chain[n]))) {
    throw new BadProof('the key list leads to other ledger keys than those this phone has followed');
  }
}
