/** A cipher as an app would bring one: AES-GCM under a key that stays in WebCrypto, bound to the row's name. */

const NONCE_BYTES = 12;

/** @returns {Promise<import('../../../mobile_stub/pwa/protocol/browser/idb_journal.js').Cipher>} */
export async function newCipher() {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const how = (iv, name) => ({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) });
  return {
    async seal(bytes, name) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = new Uint8Array(await crypto.subtle.encrypt(how(iv, name), key, bytes));
      return Uint8Array.from([...iv, ...sealed]);
    },
    async open(bytes, name) {
      const [iv, sealed] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)];
      return new Uint8Array(await crypto.subtle.decrypt(how(iv, name), key, sealed));
    },
  };
}
