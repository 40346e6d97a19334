/**
 * The one open phone: whether it is enrolled, locked or open; what it holds; when it syncs. Every page asks here.
 *
 * States: `starting`, `new` (not enrolled), `lost` (there was a phone here), `elsewhere` (another tab has it), `wiped`,
 * `locked`, `open`. Whoever draws something follows with `useSession` or `useLive`, and is drawn anew after each change that was
 * kept and each sync.
 */

import { useEffect, useReducer, useState } from 'preact/hooks';

const followers = new Set();

/** What is known of the session; read it, and change it by `change` alone. */
export const session = {
  state: 'starting',
  phone: null,
  journal: null,
  /** Whether the next PIN takes the phone from another tab. */
  takeOver: false,
  /** What `Phone.status` tells. */
  status: null,
  /** What standing.js tells of every item. */
  standing: null,
  /** The progress of the sync that runs, null while none does. */
  syncing: null,
  /** How long until the phone locks itself, in its last half minute; else null. */
  lockingMs: null,
  /** Whether the open phone is one to practise with, that sends nothing. */
  practice: false,
  /** Whether a newer version of the app waits to take over. */
  update: false,
  /** How much room there is, as storage.js tells. */
  room: null,
  /** Whether the last thing to be kept found no room. */
  full: false,
  /** What the last sync came to. */
  report: null,
};

/** Take over some facts and have everything drawn anew. @param {Partial<typeof session>} facts */
export function change(facts = {}) {
  Object.assign(session, facts);
  for (const tell of [...followers]) tell();
}

/** What takes the phone itself away, rather than one act. */
const AWAY = { in_another_tab: 'elsewhere', journal_lost: 'lost' };

/** Say whether an error takes the phone away, and close it if so. @param {any} error @returns {boolean} */
export function leadsAway(error) {
  if (!AWAY[error.code]) return false;
  change({ state: AWAY[error.code], phone: null, journal: null, status: null, standing: null });
  return true;
}

/** Act on what went wrong with the phone as a whole; anything else is thrown on. @param {any} error */
export function heed(error) {
  // Between a lock and the pages' end their questions go nowhere.
  if (!session.phone || error.code === 'reading_locked') return;
  if (!leadsAway(error)) throw error;
}

/** Call something after each change, for as long as the app runs. @param {() => void} tell */
export const follow = (tell) => followers.add(tell);

function useFollowing(act) {
  useEffect(() => {
    followers.add(act);
    return () => followers.delete(act);
  }, []);
}

/** @returns {typeof session} the session; the caller is drawn anew when it changes */
export function useSession() {
  const [, again] = useReducer((count) => count + 1, 0);
  useFollowing(again);
  return session;
}

/**
 * Return what a question to the open phone answers, asked again after each change; undefined until the first answer.
 * @template T
 * @param {(phone: import('../protocol/phone.js').Phone) => Promise<T>} ask
 * @param {any[]} [about] asked anew when one of these changes
 * @returns {T | undefined}
 */
export function useLive(ask, about = []) {
  const [answer, setAnswer] = useState(undefined);
  const [turn, again] = useReducer((count) => count + 1, 0);
  useFollowing(again);
  useEffect(() => {
    let wanted = true;
    if (session.phone) ask(session.phone).then((found) => wanted && setAnswer(() => found), heed);
    return () => {
      wanted = false;
    };
  }, [turn, ...about]);
  return answer;
}
