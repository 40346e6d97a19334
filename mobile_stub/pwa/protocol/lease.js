/**
 * The lease: for how long after its last contact a phone shows what it holds; recording never waits for it.
 *
 * It runs by the steady clock while that runs on, and after a restart by the wall clock, counted from the latest time
 * that this phone has ever shown: setting the clock back wins nothing, and one that leaps ahead is put right by a sync.
 * The lock is the app's own; what lies on the disk is guarded by the journal's cipher alone.
 */

import { Refusal } from './errors.js';
import { readLease } from './statements.js';
import { ReadingLocked } from './trouble.js';

/** How much later than noted the phone's time may be without its being noted again. */
export const STEP_MS = 60_000;

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * Begin the lease anew by what an answer states, signed; anything else renews nothing, and is no alarm.
 * @param {Kit} kit
 * @param {import('./transport.js').Answer} answer
 */
export async function renew(kit, answer) {
  const token = answer.headers.get('wardledger-lease');
  if (!token) return;
  let said;
  try {
    said = readLease(token, await kit.ledgerKeys(), kit.about);
  } catch (error) {
    if (error instanceof Refusal) return;
    throw error;
  }
  const known = await kit.journal.get('lease');
  if (said.time <= (known?.time ?? 0)) return;
  const wall = kit.clock.wall();
  const begun = { wall, mono: kit.clock.mono(), session: kit.clock.session, high: wall };
  await kit.journal.write([['lease', { time: said.time, until: said.until, ...begun }]]);
}

/**
 * Return for how long this phone still shows what it holds, 0 once that is over; null where no server limits it.
 * @param {Kit} kit
 * @returns {Promise<number | null>}
 */
export async function leftMs(kit) {
  const known = await kit.journal.get('lease');
  if (!known) return null;
  return Math.max(0, known.until - known.time - (await gone(kit, known)));
}

async function gone(kit, known) {
  if (kit.clock.session === known.session) return Math.max(0, kit.clock.mono() - known.mono);
  const latest = Math.max(kit.clock.wall(), known.high);
  if (latest - known.high > STEP_MS) await kit.journal.write([['lease', { ...known, high: latest }]]);
  return latest - known.wall;
}

/** Throw ReadingLocked once the lease is over: earlier records are shown again after a sync. @param {Kit} kit */
export async function checkReadable(kit) {
  if ((await leftMs(kit)) === 0) throw new ReadingLocked('out of touch for too long: sync to read earlier records');
}
