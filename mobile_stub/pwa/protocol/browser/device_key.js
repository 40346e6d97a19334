/**
 * The signing key as a CryptoKey that cannot be read out, kept in the journal's database.
 *
 * Browsers before Chromium 137 and their like have no Ed25519 in WebCrypto; `hasEd25519` tells, and the app then
 * leaves the keyring out: the seed lies in the journal, which the app's cipher seals.
 */

import { b64u, bytes, unb64u } from '../lines.js';
import { verifyBytes } from '../signing.js';
import { Damaged } from '../trouble.js';

const PUBLIC_BYTES = 32;

/** @returns {Promise<boolean>} whether this platform signs by Ed25519 itself */
export async function hasEd25519() {
  try {
    await made();
    return true;
  } catch {
    return false;
  }
}

/**
 * Return a keyring whose keys are made in a journal's database and never leave it.
 * @param {import('./idb_journal.js').IdbJournal} journal
 * @returns {import('../keyring.js').Keyring}
 */
export function deviceKeyring(journal) {
  return {
    make: async () => {
      const pair = await made();
      const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
      // Kept before the identity names it: a phone that becomes another device has two for a while.
      await journal.putKey(b64u(raw), pair.privateKey);
      return { sign_key: b64u(raw) };
    },
    open: async (me) => {
      const key = await journal.getKey(me.sign_key);
      if (!key) throw new Damaged('the key of this phone is gone from the browser');
      const signer = signerOf(key, unb64u(me.sign_key, PUBLIC_BYTES));
      const probe = bytes('wardledger/1 whose key this is');
      if (!verifyBytes(signer.publicKey, await signer.sign(probe), probe)) throw new Damaged('the key is another phone’s');
      return signer;
    },
  };
}

/** @returns {Promise<CryptoKeyPair>} */
async function made() {
  return /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']));
}

/** @param {CryptoKey} key @param {Uint8Array} publicKey @returns {import('../signing.js').Signer} */
function signerOf(key, publicKey) {
  return {
    publicKey,
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, new Uint8Array(message))),
  };
}
