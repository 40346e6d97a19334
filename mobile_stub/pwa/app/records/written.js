/**
 * A record that is written on the spot (笔录): what must stand in it, who must sign, and the bytes that are its original.
 *
 * Its words and signatures are one canonical JSON object; the digest of those bytes is the record's digest, and the
 * party's copy on the phone and the server's paper are both drawn from them.
 */

import { decode, encode } from '../../protocol/lines.js';

export const FORMAT = 'wardledger-record/1';
export const BYTES_MAX = 256 * 1024;
export const TEXT_MAX = 20_000;
/** The pad that ink is drawn on, in its units. */
export const PAD = { width: 900, height: 360 };
const INK_CHARS_MAX = 12_000;

/** By form: whose statement it is, and whether a person is told his rights before he is asked. */
export const FORMS = {
  scene_record: { party: 'party', told: false },
  inquiry_record: { party: 'interviewee', told: true },
  supplementary_record: { party: 'party', told: false },
};

/** What a person is told before he is asked; it stands in the record as it was read out. */
export const RIGHTS = '我们是医疗保障行政执法人员，已向您出示执法证件。您有权申请回避，有权陈述和申辩；'
  + '应当如实回答询问、协助调查，不得阻挠，与本案无关的问题您有权拒绝回答。';

/**
 * @typedef {object} Signed
 * @property {'officer' | 'party' | 'interviewee'} signer
 * @property {string} name
 * @property {'signed' | 'refused' | 'unable'} outcome
 * @property {number} at
 * @property {string} [reason]
 * @property {string} [witness]
 * @property {string} [ink] a path on PAD
 */

/** @typedef {{place: string, began: number, officers: {name: string, card: string}[], person: {name: string, post: string},
 *   rights_told: boolean, text: string, pairs: {asked: string, answered: string}[], signatures: (Signed | null)[]}} Draft */

/** @returns {Draft} what stands there before anything was typed */
export const blank = (began, officers = []) => ({
  place: '',
  began,
  officers: [0, 1].map((n) => officers[n] ?? { name: '', card: '' }),
  person: { name: '', post: '' },
  rights_told: false,
  text: '',
  pairs: [{ asked: '', answered: '' }],
  signatures: [null, null, null],
});

/** Who signs, in the order of `signatures`: both officers, then the one inspected or asked. */
export const signersOf = (form, draft) => [
  ...draft.officers.map(({ name }) => ({ signer: 'officer', name })),
  { signer: FORMS[form].party, name: draft.person.name },
];

/**
 * Return what is missing, by the name of its field; empty where the record may be signed.
 * @param {string} form @param {Draft} draft @returns {string[]}
 */
export function missing(form, draft) {
  const empty = (text) => !text.trim();
  const faults = [];
  if (empty(draft.place)) faults.push('place');
  draft.officers.forEach(({ name, card }, n) => {
    if (empty(name)) faults.push(`officer-${n}`);
    if (empty(card)) faults.push(`card-${n}`);
  });
  if (empty(draft.person.name)) faults.push('person');
  if (FORMS[form].told && !draft.rights_told) faults.push('rights_told');
  if (FORMS[form].told ? !asked(draft).length : empty(draft.text)) faults.push('text');
  return faults;
}

const asked = ({ pairs }) => pairs.filter((one) => one.asked.trim() && one.answered.trim());

/**
 * Return the record's content once everybody signed, or would not.
 * @param {string} form
 * @param {Draft} draft
 * @param {{inspection: string, institution: string, code: string, ended: number}} about
 */
export function contentOf(form, draft, about) {
  const { told } = FORMS[form];
  const trim = (one) => Object.fromEntries(Object.entries(one).map(([name, value]) => [name, value.trim()]));
  return {
    format: FORMAT,
    form,
    inspection: about.inspection,
    institution: about.institution,
    code: about.code,
    place: draft.place.trim(),
    began: draft.began,
    ended: Math.max(draft.began, about.ended),
    officers: draft.officers.map(trim),
    person: trim(draft.person),
    ...(told ? { rights: RIGHTS } : {}),
    paragraphs: told
      ? asked(draft).map((one) => ({ asked: one.asked.trim(), text: one.answered.trim() }))
      : draft.text.split(/\n+/).map((text) => text.trim()).filter(Boolean).map((text) => ({ text })),
    signatures: draft.signatures,
  };
}

/** @param {ReturnType<typeof contentOf>} content @returns {Uint8Array} the record's original */
export const bytesOf = (content) => new TextEncoder().encode(encode(content));

/** @param {Uint8Array} raw @returns {ReturnType<typeof contentOf>} what stands in a record; throws where it is none */
export function contentIn(raw) {
  const content = decode(raw, BYTES_MAX);
  if (content.format !== FORMAT || !FORMS[content.form]) throw new Error('this is no written record');
  return content;
}

/** What the evidence says besides its file: who was asked, that he knew his rights, who signed. */
export function valuesOf(content) {
  const { form, person, signatures } = content;
  const own = FORMS[form].told ? { person: person.name, rights_told: true } : {};
  return { form, ...own, signatures: signatures.map(({ ink, ...signature }) => signature) };
}

/**
 * Return strokes as a path on the pad, in whole units, thinned until it is short enough.
 * @param {[number, number][][]} strokes in shares of the pad's width
 */
export function inkOf(strokes) {
  for (let every = 1; ; every *= 2) {
    const path = strokes.map((stroke) => strokeOf(stroke, every)).join('');
    if (path.length <= INK_CHARS_MAX) return path;
  }
}

function strokeOf(stroke, every) {
  const point = ([x, y]) => [[x, PAD.width], [y * (PAD.width / PAD.height), PAD.height]]
    .map(([share, most]) => Math.min(most, Math.max(0, Math.round(share * most)))).join(' ');
  const kept = stroke.filter((_, n) => n % every === 0 || n === stroke.length - 1).map(point);
  const lines = kept.slice(1).map((one) => `L${one}`);
  return `M${kept[0]}${lines.length ? lines.join('') : `L${kept[0]}`}`;
}
