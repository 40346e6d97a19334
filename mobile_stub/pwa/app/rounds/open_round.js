/**
 * The round that is open: read once, kept in memory, and what is recorded is laid on at once. A thousand beds are
 * not read anew for each tap; a sync reads them anew.
 */

import { useEffect } from 'preact/hooks';

import { change, useSession } from '../session.js';
import { bedsOf, progress, standing } from './sample.js';

const DOUBT = 'doubt/';
const LOOSE = 'loose-photos/';

/**
 * @typedef {object} OpenRound
 * @property {any} round
 * @property {any} inspection null for a called round
 * @property {any} institution null where the phone has none
 * @property {any[]} beds
 * @property {any[]} checks
 * @property {any[]} evidence of the round
 * @property {Record<string, string[]>} loose pictures of a bed that was not checked yet, by in-patient
 * @property {Record<string, string[]>} doubts of pictures, by evidence
 * @property {Map<string, any>} known
 * @property {ReturnType<typeof progress>} progress
 * @property {Map<string, string[]>} photos by in-patient
 */

const open = { id: null, phone: null, report: null, data: undefined };

/**
 * Return the round of an id; undefined while it is read, null where the phone holds none.
 * @param {string} id
 * @returns {OpenRound | null | undefined}
 */
export function useRound(id) {
  const { phone, report } = useSession();
  useEffect(() => {
    if (!phone || (open.id === id && open.phone === phone && open.report === report)) return;
    const known = open.id === id && open.phone === phone;
    Object.assign(open, { id, phone, report, ...(known ? {} : { data: undefined }) });
    read(phone, id).then((data) => {
      if (open.id !== id || open.phone !== phone) return;
      open.data = data;
      change();
    });
  }, [phone, report, id]);
  return open.id === id && open.phone === phone ? open.data : undefined;
}

/** Read the open round anew when it is next drawn. */
export const forget = () => Object.assign(open, { id: null, phone: null, data: undefined });

/** Lay something that was kept on the open round. @param {(data: OpenRound) => void} lay */
export function patch(lay) {
  if (!open.data) return;
  lay(open.data);
  open.data = derived(open.data);
  change();
}

/** @returns {Promise<OpenRound | null>} */
async function read(phone, id) {
  const round = await phone.show(id).catch(() => null);
  if (round?.type !== 'ward_round') return null;
  const seen = (record) => (record ? phone.show(record).catch(() => null) : null);
  const inspection = await seen(round.values.inspection);
  const home = round.values.institution ?? inspection?.values.institution;
  const [institution, encounters, checks, evidence] = await Promise.all([
    seen(home), phone.list('encounter'), phone.list('bed_check'), phone.list('evidence'),
  ]);
  const own = ({ values }) => values.ward_round === id;
  const beds = bedsOf(round, encounters, home);
  const [doubts, loose] = await Promise.all([doubtsOf(phone), phone.kit.journal.get(LOOSE + id)]);
  const found = { round, inspection, institution, beds, checks: checks.filter(own), evidence: evidence.filter(own) };
  return derived({ ...found, doubts, loose: loose ?? {} });
}

/** @returns {Promise<Record<string, string[]>>} what was wrong with pictures at capture, by evidence */
export async function doubtsOf(phone) {
  const rows = await phone.kit.journal.rows(DOUBT);
  return Object.fromEntries(rows.map(([key, codes]) => [key.slice(DOUBT.length), codes]));
}

/** Keep what was wrong with a picture. @param {string} evidence @param {string[]} codes */
export const keepDoubts = (phone, evidence, codes) => phone.kit.journal.write([[DOUBT + evidence, codes]]);

/** Keep which pictures belong to beds that were not checked yet. @param {string} round @param {Record<string, string[]>} loose */
export const keepLoose = (phone, round, loose) => phone.kit.journal.write([[LOOSE + round, loose]]);

function derived(data) {
  const known = standing(data.checks);
  const bedOf = new Map(data.checks.map(({ id, values }) => [id, values.encounter]));
  const photos = new Map(Object.entries(data.loose).map(([bed, some]) => [bed, [...some]]));
  for (const { id, life, values } of data.evidence) {
    const bed = bedOf.get(values.bed_check);
    if (bed && life !== 'voided' && !photos.get(bed)?.includes(id)) photos.set(bed, [...(photos.get(bed) ?? []), id]);
  }
  return { ...data, known, photos, progress: progress(data.beds, known) };
}
