/** What was captured becomes evidence: one shape, the same that every phone of the ledger writes. */

import { BadValue } from '../../protocol/errors.js';

const PIECE = 1024 * 1024;
/** By form, the legal kind that it is where nobody says otherwise. */
export const KIND_OF = {
  photo: 'audio_visual',
  audio: 'audio_visual',
  video: 'audio_visual',
  copy: 'documentary',
  export: 'electronic',
  scene_record: 'inspection_record',
  inquiry_record: 'party_statement',
  supplementary_record: 'inspection_record',
  stock_count: 'documentary',
  trace_code_scan: 'electronic',
  hold_list: 'inspection_record',
};

/**
 * Keep something captured as evidence and return its record's id; its digest is taken from these very bytes.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {{bytes?: Uint8Array, file?: Blob, chunks?: AsyncIterable<Uint8Array>, type: string, position?: any}} captured
 *   bytes, or a file that is read in pieces, or what comes piece by piece while it is recorded
 * @param {{inspection?: string, ward_round?: string, bed_check?: string, kind?: string, form?: string,
 *   second_officer?: string, note?: string, [field: string]: any}} about
 * @returns {Promise<string>}
 */
export async function keepEvidence(phone, captured, about) {
  const { form = 'photo', ...rest } = about;
  const where = await homeOf(phone, about);
  const inside = Boolean(where.inspection);
  const values = {
    // Whoever of a ward answers a called round says what it is, and no more.
    ...(inside ? { form } : {}),
    kind: KIND_OF[form],
    media_type: captured.type,
    position: captured.position ?? null,
    ...(inside ? { second_officer: await colleague(phone, where.inspection) } : {}),
    ...rest,
    ...where,
  };
  const { bytes, file, chunks = bytes ? [bytes] : pieces(file) } = captured;
  return phone.takeEvidence(chunks, values);
}

/** The inspection, or the called round without one, in which it lies. */
async function homeOf(phone, { inspection, ward_round: round }) {
  const own = round ? (await phone.show(round)).values.inspection : null;
  const home = inspection ?? own;
  if (!home && !round) throw new BadValue('evidence lies in an inspection or in a remote round', { field: 'inspection' });
  return { ...(home ? { inspection: home } : {}), ...(round ? { ward_round: round } : {}) };
}

/**
 * Return another member of the inspection: evidence is taken by two.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {string} inspection
 * @returns {Promise<string | null>}
 */
export async function colleague(phone, inspection) {
  const { members = [] } = (await phone.show(inspection)).values;
  const { user } = phone.kit.me;
  return members.find((one) => one !== user) ?? null;
}

/** Yield a file in pieces, so that a long video is never whole in memory. @param {Blob} file */
export async function* pieces(file) {
  for (let at = 0; at < file.size; at += PIECE) {
    yield new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
  }
}
