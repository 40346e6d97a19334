/** Words that several pages of a round say alike. */

import { nameOfCode, say } from '../words.js';

/** @param {string} presence @returns {string} */
export function nameOfPresence(presence) {
  if (presence === 'disputed') return say('说法不一', 'Disputed');
  if (!presence) return say('未核查', 'Not checked');
  return nameOfCode('bed_check', 'presence', presence);
}

/** @param {any} bed @returns {string} ward and bed */
export const placeOf = ({ values }) => say(`${values.ward} · ${values.bed} 床`, `${values.ward} · bed ${values.bed}`);

/** @param {string} [name] @returns {string} fit for a screen: 张小三 as 张*三 */
export function masked(name = '') {
  const signs = [...name.trim()];
  if (signs.length < 2) return '*'.repeat(signs.length);
  if (signs.length === 2) return `${signs[0]}*`;
  return `${signs[0]}${'*'.repeat(signs.length - 2)}${signs.at(-1)}`;
}
