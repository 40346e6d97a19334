/** The violations that an inspection's frozen catalogue names, with their articles and wording; pure. */

const PLACE = /\{([a-z_]+)\}/g;
const BLANK = '____';

/**
 * Return the article that a finding of a day cites: the first one in force by then, verified ones before others.
 * @param {any} row of the catalogue
 * @param {string} day as 2026-11-23
 * @returns {{code: string, in_force_from: string, verified: boolean, zh: string, en?: string} | null}
 */
export function basisOf(row, day) {
  const known = (row.basis ?? []).filter((one) => one.in_force_from <= day);
  return known.find(({ verified }) => verified) ?? known[0] ?? null;
}

/**
 * Return the catalogue's wording with what is known filled in; a place nobody knows becomes a blank to write on.
 * @param {any} row
 * @param {Record<string, string>} known
 * @returns {string}
 */
export const wordingOf = (row, known) => (row.facts_zh ?? '').replace(PLACE, (_, name) => known[name] || BLANK);

/**
 * Return the violations to choose from: the frozen catalogue's, else those that are built in.
 * @param {any} phone
 * @param {string} inspection
 * @param {any[]} choices the form's own
 * @returns {Promise<any[]>} rows: code, zh, en, perhaps basis and facts_zh
 */
export async function violationsOf(phone, inspection, choices) {
  try {
    if (phone.violations) return await phone.violations(inspection);
  } catch (error) {
    // The catalogue was not fetched yet, or none is frozen.
    if (error.code !== 'no_catalogue') throw error;
  }
  return choices.map(({ value, zh, en }) => ({ code: value, zh, en }));
}
