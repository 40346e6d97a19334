/** What is checked and under which article, on the phone: fetched by digest, kept, used without a network. */

import { NotCanonical, Refusal } from './errors.js';
import { decode, digest, encode, text as textOf } from './lines.js';
import { CatalogueDiffers, NoCatalogue, ServerRefused } from './trouble.js';
import * as view from './view.js';

export const ROW_BYTES_MAX = 16 * 1024;
export const ROWS_MAX = 2_000;
export const BYTES_MAX = 1024 * 1024;
/** By kind of catalogue, the inspection's field that names its content. */
const NAMED_IN = { checklist: 'checklist_digest', violation: 'violations_digest' };

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * Fetch what the inspections at hand name and this phone lacks, and drop what none of them names any more.
 *
 * One content that cannot be had keeps none of the others; the last trouble is thrown when all were tried.
 * @param {Kit} kit
 * @param {{catalogues: number, bytes: number, dropped: number}} done
 */
export async function fetch(kit, done) {
  const rows = await kit.journal.rows('catalogue/');
  const kept = new Set(rows.map(([key]) => key.slice('catalogue/'.length)));
  const named = await namedHere(kit);
  let trouble = null;
  for (const name of [...named].filter((one) => !kept.has(one)).sort()) {
    try {
      const content = opened((await kit.transport.ask('GET', `/v1/catalogues/${name}`)).body, name);
      await kit.journal.write([[`catalogue/${name}`, content]]);
      done.catalogues += 1;
      done.bytes += content.length;
    } catch (error) {
      if (!(error instanceof ServerRefused) && !(error instanceof CatalogueDiffers)) throw error;
      trouble = error;
    }
  }
  const gone = [...kept].filter((name) => !named.has(name));
  await kit.journal.write(gone.map((name) => [`catalogue/${name}`, undefined]));
  done.dropped += gone.length;
  if (trouble) throw trouble;
}

async function namedHere(kit) {
  const copies = (await kit.journal.rows('record/')).map(([, copy]) => copy);
  const inspections = copies.filter((copy) => copy.type === 'inspection' && !copy.hidden);
  return new Set(inspections.flatMap(({ values }) => Object.values(NAMED_IN).map((name) => values[name]).filter(Boolean)));
}

/** Return the text if it is what the digest names and a catalogue that this app can read. */
function opened(raw, name) {
  if (raw.length > BYTES_MAX || digest(raw) !== name) throw new CatalogueDiffers('it is not the one that was named');
  try {
    const content = textOf(raw);
    read(content);
    return content;
  } catch (error) {
    throw new CatalogueDiffers(`this app cannot read it: ${error instanceof Refusal ? error.detail : 'no text'}`);
  }
}

/**
 * Return {header, rows} of a catalogue's text; throws NotCanonical or TooLarge.
 * @param {string} content
 * @returns {{header: Record<string, any>, rows: Record<string, any>[]}}
 */
export function read(content) {
  const [header, ...rows] = content.slice(0, -1).split('\n').map((line) => decode(line, ROW_BYTES_MAX));
  const whole = content.endsWith('\n') && header.v === 1 && header.rows === rows.length && rows.length <= ROWS_MAX;
  if (!whole || rows.some(({ code }) => typeof code !== 'string')) throw new NotCanonical('not a catalogue');
  return { header, rows };
}

// -- without a network ---------------------------------------------------------------------------------------------

/**
 * Return the rows in which every word of `text` stands somewhere, in their order; all for no words.
 *
 * Small and capital letters, full and half width are one; codes, both languages and articles are looked at.
 * @param {Record<string, any>[]} rows
 * @param {string} text
 * @returns {Record<string, any>[]}
 */
export function search(rows, text) {
  const words = fold(text).split(/\s+/u).filter(Boolean);
  return rows.filter((row) => {
    const there = fold(textsOf(row).join('\n'));
    return words.every((word) => there.includes(word));
  });
}

const fold = (text) => text.normalize('NFKC').toUpperCase().toLowerCase();

function textsOf(value) {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [];
}

/**
 * Return the rows of the catalogue that is frozen on an inspection; throws NoCatalogue.
 * @param {Kit} kit
 * @param {string} inspection
 * @param {'checklist' | 'violation'} kind
 * @returns {Promise<Record<string, any>[]>}
 */
export async function frozen(kit, inspection, kind) {
  const name = (await view.show(kit, inspection)).values[NAMED_IN[kind]];
  const content = name ? await kit.journal.get(`catalogue/${name}`) : undefined;
  if (content === undefined) {
    throw new NoCatalogue(name ? 'sync once to fetch it' : 'nothing is frozen on this inspection');
  }
  return read(content).rows;
}

/**
 * @typedef {object} Standing an item of a checklist with all its answers
 * @property {Record<string, any>} row
 * @property {{record: string, answer: string, mine: boolean}[]} answers
 * @property {string} state open, disputed, or the one answer that all agree on
 * @property {boolean} settled whether nothing is left to do about it
 */

/**
 * Return the items of an inspection's checklist, as all answers that this phone knows leave them; throws NoCatalogue.
 * @param {Kit} kit
 * @param {string} inspection
 * @param {string} [text] only items in which every word of it stands
 * @returns {Promise<Standing[]>}
 */
export async function checklist(kit, inspection, text = '') {
  const rows = search(await frozen(kit, inspection, 'checklist'), text);
  const answers = (await view.list(kit, 'checklist_answer')).filter(
    ({ values, life }) => values.inspection === inspection && life !== 'voided',
  );
  const mine = await ownRecords(kit, answers);
  return rows.map((row) => {
    const given = answers.filter(({ values }) => values.item === row.code);
    const told = given.map(({ id, values }) => ({ record: id, answer: values.answer, mine: mine.has(id) }));
    return { row, answers: told, ...standing(row, new Set(told.map(({ answer }) => encode([answer])))) };
  });
}

function standing(row, words) {
  const [word] = words;
  const state = words.size > 1 ? 'disputed' : words.size ? JSON.parse(word)[0] : 'open';
  return { state, settled: state !== 'disputed' && (state !== 'open' || !row.required) };
}

async function ownRecords(kit, answers) {
  const copies = await Promise.all(answers.map(({ id }) => kit.journal.get(`record/${id}`)));
  return new Set(answers.filter((_, n) => !copies[n] || copies[n].created_by === kit.me.user).map(({ id }) => id));
}
