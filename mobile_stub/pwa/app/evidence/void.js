/** Evidence that was captured by mistake is taken back with its reason; what was captured stays in the ledger. */

import { say } from '../words.js';

/** @returns {string} the reason of whoever takes it back within seconds */
export const atOnce = () => say('拍错，当场撤销', 'Captured by mistake, taken back at once');

/**
 * Take an item back: the reason is written into its note, and then it is voided, both or none.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {string} id
 * @param {string} reason
 */
export async function takeBack(phone, id, reason) {
  const { values, base } = await phone.show(id);
  const note = [values.note, say(`撤销理由：${reason}`, `Taken back: ${reason}`)].filter(Boolean).join('\n');
  const about = { type: 'evidence', record: id, base };
  await phone.keep([{ op: 'edit', ...about, set: { note } }, { op: 'void', ...about }], { together: true });
}
