/** When something is captured, as the interval that the server will derive; shown on the phone, never sent as a claim. */

import { interval } from '../../protocol/capture_time.js';
import { session } from '../session.js';

/**
 * Return the interval in which this very moment lies, by the clock of the ledger as far as the phone knows it.
 * @returns {Promise<{from: number, until: number}>}
 */
export async function thisMoment() {
  const kit = session.phone?.kit;
  if (!kit) return { from: Date.now(), until: Date.now() };
  const { earliestMs, latestMs } = interval(await kit.at(), kit.transport.nowMs());
  return { from: earliestMs, until: latestMs };
}
