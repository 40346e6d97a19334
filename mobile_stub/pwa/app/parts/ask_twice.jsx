/** An act that cannot be taken back: its button first says what it does, and a second one in the same place does it. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { say } from '../words.js';

/**
 * @param {{words: string, sure: string, says?: any, first?: boolean, act: () => Promise<any>}} properties
 *   sure: the second button's words; says: what follows from it
 */
export function AskTwice({ words, sure, says, first = true, act }) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const yes = useRef(null);
  useEffect(() => {
    if (asked) yes.current?.focus();
  }, [asked]);
  const go = async () => {
    setBusy(true);
    try {
      await act();
      navigator.vibrate?.(30);
      setAsked(false);
    } catch (error) {
      setTrouble(error.detail ?? error.message);
    }
    setBusy(false);
  };
  if (!asked) return <button type="button" class={`wide ${first ? 'first' : ''}`} onClick={() => setAsked(true)}>{words}</button>;
  return (
    <div class="asking" role="group" aria-label={words}>
      {says && <p>{says}</p>}
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      <button type="button" class="first wide" ref={yes} disabled={busy} onClick={go}>{sure}</button>
      <button type="button" class="wide" disabled={busy} onClick={() => setAsked(false)}>{say('先不', 'Not now')}</button>
    </div>
  );
}
