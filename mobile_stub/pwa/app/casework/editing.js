/** Keeping an edit on the version that its writer saw when the form was opened, whatever the feed brought since. */

import { split } from '../../protocol/compose.js';

/**
 * Keep an edit of a record; nothing where nothing changed.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {{id: string, type: string}} record
 * @param {import('../parts/form.jsx').Said} said
 */
export async function keepEdit(phone, { id, type }, { values, remove, base, rows }) {
  if (!Object.keys(values).length && !Object.keys(remove).length) return;
  await phone.keep([{ op: 'edit', type, record: id, base, remove, ...split(phone.kit.types, type, values) }], { rows });
}
