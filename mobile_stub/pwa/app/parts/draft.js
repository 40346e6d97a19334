/**
 * What was typed and not kept yet: sealed in the journal, so that it is there again when a page was left.
 *
 * With it goes what the record held when the form was opened, and on which version that stood: an edit must name what
 * its writer saw, or it would silently take the place of what others wrote meanwhile.
 */

import { useEffect, useRef, useState } from 'preact/hooks';

import { session } from '../session.js';

const PAUSE_MS = 400;
const keyOf = (name) => `draft/${name}`;

/** @param {string} name @returns {[string, undefined]} the journal's row that ends a draft */
export const draftRow = (name) => [keyOf(name), undefined];

/**
 * @typedef {object} Opened what a form was opened on
 * @property {Record<string, any>} values what the record held
 * @property {[string, number] | null} base
 */

/**
 * Return what is typed, what the form was opened on, how to change it, how to let go, and whether it was here before.
 * @param {string | undefined} name undefined: nothing is kept
 * @param {() => {typed: Record<string, any>, opened: Opened}} begin
 * @returns {{typed: Record<string, any>, opened: Opened, change: (typed: Record<string, any>) => void,
 *   forget: () => Promise<void>, restored: boolean}}
 */
export function useDraft(name, begin) {
  const [{ typed, opened }, put] = useState(begin);
  const [restored, setRestored] = useState(false);
  const waiting = useRef({ timer: 0, draft: null });
  const write = () => {
    const { draft } = waiting.current;
    waiting.current = { timer: 0, draft: null };
    if (draft && name) session.phone?.kit.journal.write([[keyOf(name), draft]]);
  };
  useEffect(() => {
    if (!name) return;
    const flush = () => {
      clearTimeout(waiting.current.timer);
      write();
    };
    session.phone?.kit.journal.get(keyOf(name)).then((kept) => {
      if (!kept || waiting.current.draft) return;
      put({ typed: { ...begin().typed, ...kept.typed }, opened: kept.opened });
      setRestored(true);
    });
    // Leaving the page, or the screen going dark, must not lose the last words.
    const hidden = () => document.visibilityState === 'hidden' && flush();
    document.addEventListener('visibilitychange', hidden);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      flush();
    };
  }, [name]);

  const change = (next) => {
    const draft = { typed: next, opened };
    put(draft);
    clearTimeout(waiting.current.timer);
    waiting.current = { draft, timer: setTimeout(write, PAUSE_MS) };
  };
  const forget = async () => {
    clearTimeout(waiting.current.timer);
    waiting.current = { timer: 0, draft: null };
    setRestored(false);
    if (name) await session.phone?.kit.journal.write([draftRow(name)]);
  };
  return { typed, opened, change, forget, restored };
}
