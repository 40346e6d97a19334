/** The phone's two clocks, as the protocol wants them: the wall's, which may be wrong or set, and the steady one. */

import { hex } from '../protocol/lines.js';

const SLEPT_MS = 2_000;
const fresh = () => hex(crypto.getRandomValues(new Uint8Array(8)));

let session = fresh();
let apart = Date.now() - performance.now();

/** @type {import('../protocol/transport.js').Clock} */
export const clock = {
  wall: () => Date.now(),
  mono: () => Math.floor(performance.now()),
  get session() {
    // A phone that slept may have stopped its steady clock: what it measured before does not hold across the sleep.
    const now = Date.now() - performance.now();
    if (Math.abs(now - apart) > SLEPT_MS) {
      session = fresh();
      apart = now;
    }
    return session;
  },
};
