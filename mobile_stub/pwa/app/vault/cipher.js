/** Seals what the journal keeps: AES-256-GCM under the data key, each row bound to its name. */

const IV_BYTES = 12;
const words = new TextEncoder();

/**
 * @param {CryptoKey} key AES-GCM, not extractable
 * @returns {import('../../protocol/browser/idb_journal.js').Cipher}
 */
export function cipherOf(key) {
  return {
    seal: async (plain, name) => {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = new Uint8Array(await crypto.subtle.encrypt(about(iv, name), key, plain));
      const whole = new Uint8Array(IV_BYTES + sealed.length);
      whole.set(iv);
      whole.set(sealed, IV_BYTES);
      return whole;
    },
    open: async (whole, name) => {
      const iv = whole.subarray(0, IV_BYTES);
      return new Uint8Array(await crypto.subtle.decrypt(about(iv, name), key, whole.subarray(IV_BYTES)));
    },
  };
}

const about = (iv, name) => ({ name: 'AES-GCM', iv, additionalData: words.encode(name) });

/** @param {Uint8Array} raw @returns {Promise<CryptoKey>} a key that cannot be read out again */
export const importKey = (raw) => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
