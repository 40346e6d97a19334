/** How one item of evidence stands, from its record, its own changes and its file: green only for a verified receipt. */

/** @typedef {'voided' | 'approved' | 'returned' | 'rejected' | 'superseded' | 'trouble' | 'kept' | 'sent' | 'file_waiting' | 'received' | 'pending_review'} State */

export const TONES = {
  voided: 'unknown', superseded: 'unknown',
  approved: 'ok', received: 'ok', pending_review: 'ok',
  returned: 'problem', rejected: 'problem', trouble: 'problem',
  kept: 'waiting', sent: 'waiting', file_waiting: 'waiting',
};

const DECIDED = ['approved', 'returned', 'rejected', 'superseded'];

/**
 * @param {{values: Record<string, any>, life: string}} item as the phone shows it
 * @param {any[]} changes its own changes on this phone, as the journal keeps them
 * @param {{state: string} | undefined} file its file on this phone; undefined where it was captured elsewhere
 * @returns {State}
 */
export function stateOf(item, changes, file) {
  if (changes.some((row) => row.settled === false)) return 'trouble';
  if (changes.some((row) => row.seq === undefined)) return item.life === 'voided' ? 'voided' : 'kept';
  if (item.life === 'voided') return 'voided';
  if (changes.some((row) => !row.outcome)) return 'sent';
  if (DECIDED.includes(item.values.stage)) return item.values.stage;
  if (file?.state === 'waiting') return 'file_waiting';
  return item.values.stage === 'pending_review' ? 'pending_review' : 'received';
}

/** @param {any[]} changes @returns {boolean} whether nothing of it has left the phone yet, so that it may be taken back */
export const isStillHere = (changes) => changes.length > 0 && changes.every((row) => row.seq === undefined);

/** Stages of an inspection in which evidence is recorded. */
const RECORDING = ['approved', 'on_site', 'returned', 'draft'];

/**
 * Return the inspections in which this user may record now, those on site first, then by their day.
 * @param {{id: string, life: string, values: Record<string, any>}[]} inspections
 * @param {string} user
 */
export function openFor(inspections, user) {
  const rank = ({ values }) => (values.stage === 'on_site' ? 0 : 1 + RECORDING.indexOf(values.stage));
  const mine = inspections.filter(
    ({ life, values }) => life !== 'voided' && RECORDING.includes(values.stage) && (values.members ?? []).includes(user),
  );
  return mine.sort((a, b) => rank(a) - rank(b) || String(b.values.planned_on).localeCompare(String(a.values.planned_on)) || a.id.localeCompare(b.id));
}

/**
 * Return the items of an inspection with how each stands, newest first.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {string} inspection
 * @returns {Promise<{id: string, values: Record<string, any>, life: string, state: State, here: boolean, at: number | null}[]>}
 */
export async function gallery(phone, inspection) {
  const { journal } = phone.kit;
  const [items, changes, files] = await Promise.all([phone.list('evidence'), journal.rows('change/'), journal.rows('file/')]);
  const own = new Map();
  for (const [, row] of changes) if (row.type === 'evidence') own.set(row.record, [...(own.get(row.record) ?? []), row]);
  const kept = new Map(files.map(([key, row]) => [key.slice(5), row]));
  const ours = items.filter(({ values }) => values.inspection === inspection);
  return ours.reverse().map((item) => standing(item, own.get(item.id) ?? [], kept.get(item.values.cipher_digest)));
}

/** @returns {{id: string, values: any, life: string, state: State, here: boolean, at: number | null}} */
export function standing({ id, values, life }, changes, file) {
  const at = changes.length ? JSON.parse(changes[0].line).at.wall : (values.captured_until ?? null);
  return { id, values, life, state: stateOf({ values, life }, changes, file), here: isStillHere(changes), at };
}
