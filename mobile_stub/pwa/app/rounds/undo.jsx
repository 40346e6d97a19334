/** Five seconds to take back what a tap recorded; it goes along from bed to bed. */

import { change, useSession } from '../session.js';
import { say } from '../words.js';

const OFFERED_MS = 5_000;
let offered = null;
let timer = 0;

/** Offer to take something back. @param {string} words what was recorded @param {() => Promise<any>} act */
export function offerUndo(words, act) {
  clearTimeout(timer);
  offered = { words, act };
  timer = setTimeout(withdraw, OFFERED_MS);
  change();
}

function withdraw() {
  clearTimeout(timer);
  offered = null;
  change();
}

export function Undo() {
  useSession();
  if (!offered) return null;
  const { words, act } = offered;
  const undo = () => {
    withdraw();
    act();
  };
  return (
    <p class="undo" role="status">
      <span>{words}</span>
      <button type="button" onClick={undo}>{say('撤销', 'Undo')}</button>
    </p>
  );
}
