/** What Node lacks or has under another name, put where the protocol's modules look for it; import it first. */

import { webcrypto } from 'node:crypto';

// Node 18 has WebCrypto, but not as a global.
globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);

/** The clocks of this process. @type {import('../transport.js').Clock} */
export const systemClock = {
  wall: () => Date.now(),
  mono: () => Math.floor(performance.now()),
  session: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex'),
};
