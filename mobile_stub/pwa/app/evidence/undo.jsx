/** What was just kept, said for a while at the foot of the page, with the way to take it back. */

import { useEffect } from 'preact/hooks';

import { say } from '../words.js';

const SHOWN_MS = 5_000;

/** @param {{kept: {words: string, undo: () => Promise<any>} | null, onOver: () => void}} properties */
export function Kept({ kept, onOver }) {
  useEffect(() => {
    if (!kept) return;
    const timer = setTimeout(onOver, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [kept]);
  return (
    <div class="kept" role="status">
      {kept && (
        <p>
          <span>{kept.words}</span>
          <button type="button" onClick={() => kept.undo().finally(onOver)}>{say('撤销', 'Undo')}</button>
        </p>
      )}
    </div>
  );
}
