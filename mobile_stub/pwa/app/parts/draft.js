/** What was typed and not kept yet: sealed in the journal, so that it is there again when a page was left. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { session } from '../session.js';

const PAUSE_MS = 400;
const keyOf = (name) => `draft/${name}`;

/**
 * Return [what is typed, how to change it, how to let go of it, whether it came from the journal].
 * @param {string | undefined} name undefined: nothing is kept
 * @param {() => Record<string, any>} before what stands there where nothing was typed
 * @returns {[Record<string, any>, (typed: Record<string, any>) => void, () => Promise<void>, boolean]}
 */
export function useDraft(name, before) {
  const [typed, setTyped] = useState(before);
  const [restored, setRestored] = useState(false);
  const waiting = useRef({ timer: 0, typed: null });
  const journal = () => session.phone?.kit?.journal;

  const write = () => {
    const { typed: last } = waiting.current;
    waiting.current = { timer: 0, typed: null };
    if (last && name) journal()?.write([[keyOf(name), last]]);
  };
  useEffect(() => {
    if (!name) return;
    journal()?.get(keyOf(name)).then((kept) => {
      if (!kept || waiting.current.typed) return;
      setTyped({ ...before(), ...kept });
      setRestored(true);
    });
    // Leaving the page, or the screen going dark, must not lose the last words.
    const hidden = () => document.visibilityState === 'hidden' && flush();
    const flush = () => {
      clearTimeout(waiting.current.timer);
      write();
    };
    document.addEventListener('visibilitychange', hidden);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      flush();
    };
  }, [name]);

  const change = (next) => {
    setTyped(next);
    clearTimeout(waiting.current.timer);
    waiting.current = { typed: next, timer: setTimeout(write, PAUSE_MS) };
  };
  const forget = async () => {
    clearTimeout(waiting.current.timer);
    waiting.current = { timer: 0, typed: null };
    setRestored(false);
    if (name) await journal()?.write([[keyOf(name), undefined]]);
  };
  return [typed, change, forget, restored];
}
