/**
 * Locks the phone after a while without a hand on it, also when it lay in a pocket meanwhile. The last half minute is
 * told, so that nobody is surprised; a recording keeps it open.
 */

import { kept, lock } from './opening.js';
import { change, session } from './session.js';

export const MINUTES = [2, 5, 10, 20];
export const MINUTES_USUAL = 10;
const ROW = 'idle minutes';
const TOLD_MS = 30_000;
const LOOK_MS = 1_000;

let minutes = MINUTES_USUAL;
let last = Date.now();

/** Somebody uses the phone now. What tells of the lock goes at the next look: not from under the thumb. */
export function inUse() {
  last = Date.now();
}

/** @returns {number} minutes without a hand before it locks */
export const idleMinutes = () => minutes;

/** Lock after so many minutes from now on. @param {number} to */
export async function setIdleMinutes(to) {
  minutes = to;
  await kept.put(ROW, to);
  change();
}

/** From now on lock when nobody uses the phone. */
export async function watchIdle() {
  for (const act of ['pointerdown', 'keydown', 'input']) addEventListener(act, inUse, { passive: true, capture: true });
  document.addEventListener('visibilitychange', look);
  setInterval(look, LOOK_MS);
  minutes = (await kept.get(ROW)) ?? MINUTES_USUAL;
}

function look() {
  // A recording runs for as long as somebody speaks, without a hand on the phone.
  if (session.state !== 'open' || document.querySelector('dialog.recorder')) inUse();
  const left = last + minutes * 60_000 - Date.now();
  if (left <= 0) {
    lock();
    return;
  }
  const told = left <= TOLD_MS ? Math.ceil(left / 1000) * 1000 : null;
  if (told !== session.lockingMs) change({ lockingMs: told });
}
