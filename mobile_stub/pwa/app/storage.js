/** How much room the browser leaves, and whether it may clear what is kept here. */

import { change } from './session.js';

/** Below this the user is told: about ten photos. */
export const ROOM_BYTES_MIN = 50 * 1024 * 1024;

/** @returns {Promise<{used: number, left: number, persisted: boolean} | null>} null where the browser does not tell */
export async function roomOf() {
  if (!navigator.storage?.estimate) return null;
  const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
  return { used: usage, left: Math.max(0, quota - usage), persisted };
}

/** Ask the browser to keep what lies here; some ask the user, some decide by themselves. */
export async function askToPersist() {
  await navigator.storage?.persist?.();
  change();
}
