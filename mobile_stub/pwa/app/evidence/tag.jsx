/** How an item stands: a colour, a sign and the words, never a colour alone. */

import { Icon } from '../parts/icon.jsx';
import { TONES } from './standing.js';
import { SIGNS, STATE_WORDS } from './words.js';

/** @param {{state: import('./standing.js').State}} properties */
export function Tag({ state }) {
  const tone = TONES[state];
  return <span class={`evidence-tag ${tone}`}><Icon name={SIGNS[tone]} />{STATE_WORDS[state]()}</span>;
}
