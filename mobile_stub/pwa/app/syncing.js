/** When the phone syncs: by itself at the start, when the network is back, when it is looked at, after recording. */

import { refresh, wiped } from './opening.js';
import { change, follow, heed, leadsAway, session } from './session.js';

const AFTER_RECORDING_MS = 4_000;
const EVERY_MS = 5 * 60_000;

/** Sync now, unless it is under way; what went wrong stands in `session.report`. */
export async function syncNow() {
  const { phone, syncing } = session;
  if (!phone || syncing || session.practice) return;
  change({ syncing: { part: 'push', done: 0, total: null } });
  let report = null;
  try {
    report = await phone.sync({ onProgress: (told) => session.phone === phone && change({ syncing: told }) });
  } catch (error) {
    if (session.phone === phone && leadsAway(error)) return change({ syncing: null });
    report = { errors: [{ part: 'sync', code: error.code ?? 'fault', detail: error.detail ?? '' }] };
  }
  return settled(phone, report);
}

async function settled(phone, report) {
  if (report.wiped) return wiped();
  change({ syncing: null, ...(session.phone === phone ? { report } : {}) });
  await refresh().catch(heed);
  const away = report.errors.some(({ code }) => code === 'offline');
  // An order to erase is obeyed once all has left the phone, which may take one more sync.
  if (session.status?.shut_out?.wipe && !away) setTimeout(syncNow, AFTER_RECORDING_MS);
}

/** From now on sync by itself. */
export function keepSyncing() {
  addEventListener('online', syncNow);
  addEventListener('online', () => change());
  addEventListener('offline', () => change());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && syncNow());
  navigator.serviceWorker?.addEventListener('message', ({ data }) => data === 'sync now' && syncNow());
  setInterval(syncNow, EVERY_MS);
  follow(watchful());
}

/** Return what looks at each change of the session: a phone that was opened syncs, one that recorded does soon. */
function watchful() {
  let phone = null;
  let unsent = 0;
  let soon = 0;
  let more = false;
  return () => {
    const before = unsent;
    unsent = session.standing?.unsent ?? 0;
    if (session.phone !== phone) {
      phone = session.phone;
      if (phone) syncNow();
    }
    more ||= unsent > before;
    // What was recorded while a sync ran goes with the next one.
    if (more && phone && !session.syncing) {
      more = false;
      clearTimeout(soon);
      soon = setTimeout(syncNow, AFTER_RECORDING_MS);
      registerBackground();
    }
  };
}

/** Ask the browser to wake the app once there is a network; few can, and the app does without. */
async function registerBackground() {
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.sync?.register('outbox').catch(() => {});
}
