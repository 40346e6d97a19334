/** Where a phone's signing key lies: in its journal as a seed, unless the app brings a safer place. */

import { b64u, unb64u } from './lines.js';
import { seedSigner } from './signing.js';

const SEED_BYTES = 32;

/**
 * @typedef {object} Keyring
 * @property {() => Promise<Record<string, any>>} make a new key; what is to be kept of it beside the identity, as JSON
 * @property {(me: Record<string, any>) => Promise<import('./signing.js').Signer>} open the key of an identity
 */

/**
 * Return a keyring whose keys are seeds in the journal: for Node, and where WebCrypto has no Ed25519.
 * @param {(count: number) => Uint8Array} random
 * @returns {Keyring}
 */
export function seedKeyring(random) {
  return {
    make: async () => ({ sign_seed: b64u(random(SEED_BYTES)) }),
    open: async (me) => seedSigner(unb64u(me.sign_seed, SEED_BYTES)),
  };
}
