/** What is recorded in a bedside round: its beginning, beds, pictures, its end. The shapes are mobile_stub/working.py's. */

import { colleague, keepEvidence } from '../capture/keep.js';
import { keepEdit } from '../casework/editing.js';
import { forget, keepDoubts, keepLoose, patch } from './open_round.js';

const AHEAD = { planned: ['sampled', 'in_progress'], sampled: ['in_progress'] };
/** What a second tap concludes of a bed whose patient is away. */
const CONCLUDED = { exam: 'explained', leave: 'explained', meal: 'explained', unknown: 'bed_hanging_suspected' };

/**
 * Begin a round of an inspection and return its id.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {string} inspection
 * @param {string[]} wards
 * @param {number} count of the beds in them
 * @returns {Promise<string>}
 */
export async function begin(phone, inspection, wards, count) {
  const round = await phone.create('ward_round', {
    inspection,
    mode: 'bedside',
    trigger: 'plan',
    wards,
    census_count: count,
    sample_method: 'all_listed',
    second_officer: await colleague(phone, inspection),
    started_at: phone.kit.clock.wall(),
  });
  await phone.step(round, 'sampled', 'in_progress');
  return round;
}

/** Bring a round that the desk planned to `in_progress`; one that has begun stays as it is. @param {string} id */
export async function beginPlanned(phone, id) {
  const { values } = await phone.show(id);
  const steps = AHEAD[values.stage];
  if (steps) await phone.step(id, ...steps);
  if (!values.started_at) await phone.edit(id, { started_at: phone.kit.clock.wall() });
  forget();
}

/** @returns {boolean} whether the server has still to draw whom the round looks for */
export const waitsForDraw = ({ values }) => values.stage === 'planned' && Boolean(values.draw_method);

/**
 * Return this officer's own check of a bed that stands; another's is never changed by this phone.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {import('./open_round.js').OpenRound} data
 * @param {string} bed
 */
export async function ownCheck(phone, data, bed) {
  const checks = data.known.get(bed)?.checks ?? [];
  for (const one of checks) {
    const copy = await phone.kit.journal.get(`record/${one.id}`);
    if (!copy || copy.created_by === phone.kit.me.user) return one;
  }
  return null;
}

/** @returns {Record<string, any>} what a tap says, and a second one about why @param {string} presence @param {Record<string, any>} [why] */
export function said(presence, why = {}) {
  if (presence === 'in_bed') return { presence, conclusion: 'normal', ...why };
  const conclusion = why.conclusion ?? CONCLUDED[why.absence_reason];
  return { presence, ...(conclusion ? { conclusion } : {}), ...why };
}

/**
 * Keep what was seen at a bed: a new check, or this officer's own one changed; return its id and whether it is new.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {import('./open_round.js').OpenRound} data
 * @param {any} bed
 * @param {Record<string, any>} values
 * @param {any} position
 * @returns {Promise<{id: string, made: boolean}>}
 */
export async function checkBed(phone, data, bed, values, position) {
  const own = await ownCheck(phone, data, bed.id);
  if (own && !outdates(own.values, values.presence)) return { id: await amend(phone, own.id, values), made: false };
  if (own) await phone.void(own.id);
  const where = { ward_round: data.round.id, encounter: bed.id, bed_listed: bed.values.bed, position };
  const id = await phone.create('bed_check', { ...carried(own), ...where, ...values });
  const media = mediaOf(data, bed.id, own);
  for (const one of media) await phone.edit(one, { bed_check: id });
  const { [bed.id]: mine, ...loose } = data.loose;
  if (mine) await keepLoose(phone, data.round.id, loose);
  const kept = await Promise.all([id, ...(own ? [own.id] : [])].map((one) => phone.show(one)));
  patch((open) => {
    open.checks = [...open.checks.filter((one) => one.id !== own?.id), ...kept];
    open.evidence = open.evidence.map((one) => (media.includes(one.id) ? { ...one, values: { ...one.values, bed_check: id } } : one));
    open.loose = loose;
  });
  return { id, made: !own };
}

/** What is said of a presence and of no other: a written field is never emptied, so another presence is another record. */
const OF_PRESENCE = ['presence', 'absence_reason', 'slip', 'call_result', 'returned_at', 'identity_fallback', 'conclusion', 'stage'];
const outdates = (values, presence) => values.presence !== presence && OF_PRESENCE.slice(1, 6).some((name) => values[name] !== undefined);
const carried = (own) => Object.fromEntries(Object.entries(own?.values ?? {}).filter(([name]) => !OF_PRESENCE.includes(name)));
const mediaOf = (data, bed, own) => [
  ...(data.loose[bed] ?? []),
  ...data.evidence.filter(({ life, values }) => own && life !== 'voided' && values.bed_check === own.id).map(({ id }) => id),
];

/** Keep changes of a check and return its id. @param {string} check @param {Record<string, any>} values */
export async function amend(phone, check, values) {
  await phone.edit(check, values);
  return shownAgain(phone, check);
}

/** Keep what a form says of a check. @param {any} check as it is shown @param {any} typed as a form hands it over */
export async function amendTyped(phone, check, typed) {
  await keepEdit(phone, check, typed);
  return shownAgain(phone, check.id);
}

/** Take a check back. @param {string} check */
export async function takeBack(phone, check) {
  await phone.void(check);
  return shownAgain(phone, check);
}

async function shownAgain(phone, check) {
  const kept = await phone.show(check);
  patch((open) => (open.checks = open.checks.map((one) => (one.id === check ? kept : one))));
  return check;
}

/**
 * Keep a picture or a voice memo of a bed as evidence; before the bed is checked it waits for its check.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {import('./open_round.js').OpenRound} data
 * @param {string} bed
 * @param {any} captured
 * @param {{doubts?: string[], form?: string}} [of]
 */
export async function keepPicture(phone, data, bed, captured, { doubts = [], form = 'photo' } = {}) {
  const check = (await ownCheck(phone, data, bed))?.id;
  const about = { ward_round: data.round.id, form, ...(check ? { bed_check: check } : {}) };
  const id = await keepEvidence(phone, captured, about);
  if (doubts.length) await keepDoubts(phone, id, doubts);
  const loose = check ? data.loose : { ...data.loose, [bed]: [...(data.loose[bed] ?? []), id] };
  if (!check) await keepLoose(phone, data.round.id, loose);
  const kept = await phone.show(id);
  patch((open) => {
    open.evidence = [...open.evidence, kept];
    open.loose = loose;
    if (doubts.length) open.doubts = { ...open.doubts, [id]: doubts };
  });
  return id;
}

/**
 * End a round: its record with the signatures, the second officer, the time, the step.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {import('./open_round.js').OpenRound} data
 * @param {{sheet: {bytes: Uint8Array, type: string, position: any}, signatures: any[], second: string | null}} end
 */
export async function finish(phone, data, { sheet, signatures, second }) {
  const { id } = data.round;
  // A scene record names two officers; what one alone signed is kept, and stays on the list of what is missing.
  const kind = second ? { form: 'scene_record', second_officer: second } : { kind: 'inspection_record' };
  const about = { ward_round: id, signatures, ...kind };
  await keepEvidence(phone, sheet, about);
  await phone.edit(id, { ended_at: phone.kit.clock.wall(), ...(second ? { second_officer: second } : {}) });
  await phone.step(id, 'concluded');
  forget();
}
