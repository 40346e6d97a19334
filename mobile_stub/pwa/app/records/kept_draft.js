/** What was written and signed so far, sealed in the journal after every stroke of the keys, until the record is kept. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { session } from '../session.js';

const PAUSE_MS = 300;

/**
 * Return [the draft, how to change it, how to change it and wait until it is in the journal, how to let go of it,
 * whether it came from the journal]; the draft is undefined until the journal answered.
 * @template T
 * @param {string} key of the journal's row
 * @param {() => Promise<T>} before what stands there where nothing was written
 * @returns {[T | undefined, (next: T) => void, (next: T) => Promise<void>, () => Promise<void>, boolean]}
 */
export function useKeptDraft(key, before) {
  const [draft, setDraft] = useState(undefined);
  const [restored, setRestored] = useState(false);
  const waiting = useRef({ timer: 0, next: null });
  const { journal } = session.phone.kit;
  const flush = () => {
    const { timer, next } = waiting.current;
    clearTimeout(timer);
    waiting.current = { timer: 0, next: null };
    // Locked meanwhile: what was written before the pause is in the journal already.
    return next ? journal.write([[key, next]]).catch(() => {}) : Promise.resolve();
  };
  useEffect(() => {
    journal.get(key).then(async (kept) => {
      setRestored(Boolean(kept));
      setDraft(kept ?? (await before()));
    });
    const hidden = () => document.visibilityState === 'hidden' && flush();
    document.addEventListener('visibilitychange', hidden);
    addEventListener('pagehide', flush);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      removeEventListener('pagehide', flush);
      flush();
    };
  }, [key]);
  const change = (next) => {
    setDraft(next);
    clearTimeout(waiting.current.timer);
    waiting.current = { timer: setTimeout(flush, PAUSE_MS), next };
  };
  const keep = (next) => {
    change(next);
    return flush();
  };
  const forget = async () => {
    clearTimeout(waiting.current.timer);
    waiting.current = { timer: 0, next: null };
    await journal.write([[key, undefined]]);
  };
  return [draft, change, keep, forget, restored];
}
