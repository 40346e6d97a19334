/**
 * Finding drift: whether what this phone holds of a scope root is what the ledger holds, and taking it anew if not.
 *
 * Nothing that was recorded here is touched by it: the outbox stays, and a record that the ledger did not send again
 * goes only when every own change on it has a receipt.
 */

import { digest } from './lines.js';
import { Drifting } from './trouble.js';

export const SUM_AFTER_MS = 86_400_000;
const MODULUS = 2n ** 256n;

/**
 * Return the sum of some records in 64 hex digits.
 * @param {Iterable<[string, number]>} held [id, version] of each, in any order
 * @returns {string}
 */
export function scopeSum(held) {
  let total = 0n;
  for (const [id, version] of held) total += BigInt(`0x${digest(`${id}|${version}`)}`);
  return (total % MODULUS).toString(16).padStart(64, '0');
}

/** @returns {Promise<boolean>} whether the sums should be asked for: after a day, and at the end of a new snapshot */
export async function isDue(kit) {
  const last = await kit.journal.get('summed');
  if (last === undefined || (await kit.journal.get('doubted'))) return true;
  return kit.transport.nowMs() - last >= SUM_AFTER_MS;
}

/** @returns {[string, any][]} the row that notes that the feed delivered these copies anew */
export function seenAgain(doubted, copies) {
  if (!doubted || !copies.length) return [];
  const seen = new Set(copies.map((copy) => copy.id));
  return [['doubted', doubted.filter((id) => !seen.has(id))]];
}

/**
 * Take the ledger's sums after the last page: note that all is well, or begin a snapshot anew and return false.
 *
 * Throws Drifting where a new snapshot did not mend it: then the ledger's own words do not agree.
 * @param {import('./kit.js').Kit} kit
 * @param {Record<string, string>} sums
 * @returns {Promise<boolean>}
 */
export async function compare(kit, sums) {
  const doubted = await kit.journal.get('doubted');
  const gone = new Set(doubted ?? []);
  const rows = [];
  const held = new Map();
  for (const [key, copy] of await kit.journal.rows('record/')) {
    if (copy.hidden) continue;
    if (gone.has(copy.id)) rows.push([key, { ...copy, hidden: true }]);
    else held.set(copy.root, [...(held.get(copy.root) ?? []), [copy.id, copy.version]]);
  }
  const drifted = Object.keys(sums).filter((root) => scopeSum(held.get(root) ?? []) !== sums[root]);
  const anew = drifted.length > 0 && !doubted;
  const ids = drifted.flatMap((root) => (held.get(root) ?? []).map(([id]) => id));
  await kit.journal.write([
    ...rows,
    ['summed', kit.transport.nowMs()],
    ['doubted', anew ? ids : undefined],
    ...(anew ? [['cursor', '']] : []),
  ]);
  if (drifted.length && doubted) {
    throw new Drifting(`${drifted.length} of ${Object.keys(sums).length} places differ after a new snapshot`);
  }
  return !drifted.length;
}
