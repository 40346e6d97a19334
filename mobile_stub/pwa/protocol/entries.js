/** The ledger's entries: one canonical line each, the leaf of the tree, without personal data. */

import { Malformed } from './errors.js';
import * as forms from './forms.js';
import { decode, digest, encode, isObject } from './lines.js';

export const ENTRY_BYTES_MAX = 65_535;
export const KINDS = [
  'change', 'release', 'adopt', 'decision', 'import', 'reminder', 'device', 'key', 'setting', 'erase', 'access',
  'recover',
];
/** The kind of an entry that judges again a change that was held. */
export const RELEASE = 'release';
/** The kind of an entry by which a supervisor writes what a late change would have written. */
export const ADOPT = 'adopt';
/** What a late change comes to that a supervisor does not adopt; no entry has it as a verdict. */
export const SET_ASIDE = 'set_aside';
export const VERDICTS = ['refused', 'held', 'late', 'conflict', 'merged', 'applied', 'same'];
export const NOT_IN_FORCE = ['refused', 'held', 'late'];
export const LIVES = ['live', 'voided', 'void_disputed'];

const FORM = forms.open({
  v: forms.whole(1, 1),
  at: forms.whole(),
  kind: forms.oneOf(KINDS),
  by: forms.words,
  change: forms.digest,
  n: forms.whole(),
  outcome: forms.open({ verdict: forms.oneOf(VERDICTS) }),
  rules: forms.whole(),
  salt: forms.salt,
  type: forms.optional(forms.token),
  record: forms.optional(forms.uuid),
  device: forms.optional(forms.uuid),
  set: forms.optional(forms.digest),
  seq: forms.optional(forms.whole(1)),
  after: forms.optional(forms.digest),
  late: forms.optional(forms.whole()),
  branch: forms.optional(forms.digest),
});

/**
 * Return the entry that a leaf's text holds, its outcome whole; throws NotCanonical, TooLarge or Malformed.
 * @param {string} line
 * @returns {Record<string, any>}
 */
export function readEntry(line) {
  const body = decode(line, ENTRY_BYTES_MAX);
  FORM(body, 'entry');
  return body;
}

/**
 * Return the `after` of an entry: SHA-256 of the salted canonical record.
 *
 * fields holds public values, and for a private field the digest of its line (a list of digests for a set).
 * @param {{id: string, type: string, life: string, fields: Record<string, any>}} record
 * @param {string} salt the entry's, as text
 * @returns {string}
 */
export function afterDigest({ id, type, life, fields }, salt) {
  if (!isObject(fields)) throw new Malformed('a record has fields');
  return digest(encode({ fields, id, life, salt, type }));
}

/**
 * Return what a journal keeps of a change's outcome; passed_on: the record that an alias sent the change on to.
 * @param {Record<string, any>} entry
 * @param {number} index
 * @param {string} line the entry's
 * @returns {Record<string, any>}
 */
export function outcomeOf(entry, index, line) {
  const passedOn = entry.addressed === undefined ? {} : { passed_on: entry.record };
  return { ...entry.outcome, index, entry: digest(line), ...passedOn };
}

/** @param {Record<string, any>} outcome @returns {boolean} whether it says no more than that the change was in the ledger already */
export function onlyRepeats({ verdict, flags }) {
  return verdict === 'same' && (flags ?? []).includes('repeated');
}

/**
 * Return whether somebody has to do something about an outcome.
 * @param {Record<string, any>} outcome
 * @returns {boolean}
 */
export function needsALook({ verdict }) {
  return [...NOT_IN_FORCE, 'conflict', SET_ASIDE].includes(verdict);
}
