/** What the phone shows: the feed's copy of a record with the phone's own newer changes on top. */

import { readKept, written } from './changes.js';
import { NOT_IN_FORCE, SET_ASIDE } from './entries.js';
import { RecordUnknown } from './errors.js';
import { sorted } from './feed.js';
import { encode } from './lines.js';

/**
 * @typedef {object} Shown
 * @property {string} id
 * @property {string} type
 * @property {Record<string, any>} values
 * @property {string} life
 * @property {[string, number] | null} base what a change made now names, null before any feed copy
 * @property {number} pending how many own changes the feed has not confirmed yet
 */

/**
 * Return a record with own changes on top; throws RecordUnknown.
 * @param {import('./kit.js').Kit} kit
 * @param {string} id
 * @returns {Promise<Shown>}
 */
export async function show(kit, id) {
  const copy = await kit.journal.get(`record/${id}`);
  if (copy?.hidden) throw new RecordUnknown('this record is no longer in your scope', { item: id });
  const own = (await changesOf(kit, id)).filter((row) => stands(row, copy));
  if (!copy && !own.length) throw new RecordUnknown('this phone holds no such record; sync first', { item: id });
  return laidOver(kit, copy, own);
}

/**
 * Return every record of a type that this phone holds, delivered or its own, by id.
 * @param {import('./kit.js').Kit} kit
 * @param {string} type
 * @returns {Promise<Shown[]>}
 */
export async function list(kit, type) {
  const copies = new Map((await kit.journal.rows('record/')).map(([, copy]) => [copy.id, copy]));
  const own = new Map();
  for (const [, row] of await kit.journal.rows('change/')) {
    if (row.type === type) own.set(row.record, [...(own.get(row.record) ?? []), row]);
  }
  const known = [...copies.values()].filter((copy) => copy.type === type).map((copy) => copy.id);
  const ids = [...new Set([...known, ...own.keys()])].filter((id) => !copies.get(id)?.hidden).sort();
  return ids.flatMap((id) => {
    const copy = copies.get(id);
    const standing = (own.get(id) ?? []).filter((row) => stands(row, copy));
    return copy || standing.length ? [laidOver(kit, copy, standing)] : [];
  });
}

/** @returns {Promise<any[]>} the phone's own changes of a record, in order */
export async function changesOf(kit, id) {
  const rows = await kit.journal.rows('change/');
  return rows.map(([, row]) => row).filter((row) => row.record === id);
}

/** Whether an own change is shown on top: not refused, not passed on by an alias, not in the copy, nor left with it. */
function stands(row, copy) {
  if (!row.outcome) return true;
  if (row.outcome.passed_on || (row.left && !copy)) return false;
  // What is held is in no copy, however new, and may yet come into force.
  if ([...NOT_IN_FORCE, SET_ASIDE].includes(row.outcome.verdict)) return row.outcome.verdict === 'held';
  return !copy || row.outcome.index > copy.version;
}

/** @returns {Shown} */
function laidOver(kit, copy, own) {
  const type = copy?.type ?? own[0].type;
  const initial = kit.types[type]?.initial;
  const values = { ...(initial ? { stage: initial } : {}), ...copy?.values };
  let life = copy?.life ?? 'live';
  for (const row of own) {
    const change = readKept(row.line, row.private);
    lay(values, change);
    life = { void: 'voided', restore: 'live' }[change.op] ?? life;
  }
  /** @type {[string, number] | null} */
  const base = copy ? [copy.epoch, copy.version] : null;
  return { id: copy?.id ?? own[0].record, type, values, life, base, pending: own.length };
}

function lay(values, change) {
  for (const [name, value] of Object.entries(written(change, 'set'))) {
    values[name] = name === 'stage' && value?.to !== undefined ? value.to : value;
  }
  for (const [name, members] of Object.entries(written(change, 'add'))) {
    const all = [...(values[name] ?? []), ...members];
    values[name] = sorted([...new Map(all.map((value) => [encode([value]), value])).values()]);
  }
  for (const [name, members] of Object.entries(written(change, 'remove'))) {
    const gone = members.map((value) => encode([value]));
    values[name] = (values[name] ?? []).filter((value) => !gone.includes(encode([value])));
  }
}
