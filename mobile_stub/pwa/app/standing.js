/**
 * How everything that was recorded on this phone stands: from the journal's rows, without opening what they hold.
 *
 * An item is `kept` (only here), `sent` (on its way, no receipt yet), `received` (in the ledger by a verified receipt)
 * or `trouble` (somebody must do something: refused, held, late, in conflict).
 */

/** The row of the warnings that the user has read. */
export const READ = 'app/read';

/**
 * @typedef {object} Item one change
 * @property {string} id
 * @property {string} record
 * @property {string} type
 * @property {string} op
 * @property {number} at ms, by the phone's clock
 * @property {'kept' | 'sent' | 'received' | 'trouble'} state
 * @property {number} [received] ms, by the ledger's clock
 * @property {Record<string, any>} [outcome]
 */

/**
 * @typedef {object} Upload one file
 * @property {string} name the cipher's digest
 * @property {'waiting' | 'sent'} state
 * @property {number} size bytes of the cipher
 */

/**
 * @param {import('../protocol/journal.js').Journal} journal
 * @returns {Promise<{items: Item[], files: Upload[], unsent: number, attention: number, verified: number | null,
 *   fetched: boolean, read: string[]}>} newest first; fetched: whether a feed was ever taken over;
 *   verified: when the newest receipt was made, null before the first
 */
export async function standingOf(journal) {
  const [changes, sets, files] = await Promise.all(['change/', 'set/', 'file/'].map((prefix) => journal.rows(prefix)));
  const received = new Map(sets.map(([key, row]) => [Number(key.slice(4)), row.received]));
  const items = changes.map(([, row]) => itemOf(row, received)).reverse();
  const uploads = files.map(([key, { state, size }]) => ({ name: key.slice(5), state, size }));
  const times = sets.filter(([, row]) => row.receipt !== undefined).map(([, row]) => row.received);
  return {
    items,
    files: uploads,
    unsent: items.filter(isUnsent).length + uploads.filter(({ state }) => state === 'waiting').length,
    attention: items.filter(({ state }) => state === 'trouble').length,
    verified: times.length ? Math.max(...times) : null,
    read: (await journal.get(READ)) ?? [],
    fetched: (await journal.get('cursor')) !== undefined,
  };
}

/** @param {Item} item @returns {boolean} whether it has no verified receipt */
export const isUnsent = ({ state }) => state === 'kept' || state === 'sent';

function itemOf(row, received) {
  const { op, at } = JSON.parse(row.line);
  const { id, record, type, seq, outcome } = row;
  const item = { id, record, type, op, at: at.wall, state: stateOf(row) };
  return outcome ? { ...item, outcome, received: received.get(seq) } : item;
}

function stateOf({ seq, outcome, settled }) {
  if (seq === undefined) return 'kept';
  if (!outcome) return 'sent';
  return settled === false ? 'trouble' : 'received';
}
