/** People as the phone knows them: by id alone; names of officers are not synced to phones. */

import { say } from '../words.js';

/**
 * @param {string} id
 * @param {string} user the phone's own
 * @param {string} [lead]
 * @returns {string} 您, or the officer by the end of the number
 */
export function personOf(id, user, lead) {
  const role = id === lead ? say('（组长）', ' (lead)') : '';
  if (id === user) return `${say('您', 'You')}${role}`;
  return `${say(`检查员 …${id.slice(-4)}`, `Officer …${id.slice(-4)}`)}${role}`;
}
