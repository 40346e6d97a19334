/** What a round looks for, what of it is done, and what is missing before anybody leaves the site. Pure. */

/** Presences, in the order of the keys under a thumb. */
export const PRESENCES = ['in_bed', 'on_site_off_bed', 'absent', 'discharged_unsettled', 'unverifiable'];
/** A bed of which two checks say different things. */
export const DISPUTED = 'disputed';
/** Presences that want a reason, and a slip where somebody claims one. */
export const AWAY = ['on_site_off_bed', 'absent'];
const EXCUSED = ['exam', 'leave'];
const RECORDS = ['scene_record', 'inquiry_record', 'supplementary_record'];
const DONE = ['concluded', 'confirmed', 'explanation_open'];

const live = (one) => one.life !== 'voided';
const byPlace = (a, b) =>
  a.values.ward.localeCompare(b.values.ward, 'en', { numeric: true }) ||
  a.values.bed.localeCompare(b.values.bed, 'en', { numeric: true });

/**
 * Return whom a round looks for, by ward and bed: its drawn sample, else those whom people named, else its wards.
 * @param {any} round as the phone shows it
 * @param {any[]} encounters
 * @param {string} institution
 * @returns {any[]}
 */
export function bedsOf({ values }, encounters, institution) {
  const named = values.drawn?.length ? values.drawn : values.sample;
  const wanted = named?.length ? new Set(named) : null;
  const wards = values.wards?.length ? new Set(values.wards) : null;
  const asked = ({ id, values: patient }) => {
    if (wanted) return wanted.has(id);
    return patient.institution === institution && patient.stage !== 'left_out' && (!wards || wards.has(patient.ward));
  };
  return encounters.filter(asked).sort(byPlace);
}

/**
 * Return what is known of each bed: its checks that stand, what they say together, and what they suspect.
 * @param {any[]} checks
 * @returns {Map<string, {checks: any[], presence: string, suspected: boolean}>} by in-patient
 */
export function standing(checks) {
  const found = new Map();
  for (const one of checks.filter(live)) {
    const key = one.values.encounter;
    const known = found.get(key);
    const suspected = Boolean(one.values.conclusion?.endsWith('_suspected'));
    if (!known) found.set(key, { checks: [one], presence: one.values.presence, suspected });
    else {
      known.checks.push(one);
      if (known.presence !== one.values.presence) known.presence = DISPUTED;
      known.suspected ||= suspected;
    }
  }
  return found;
}

/**
 * Return how far a round is: how many beds, how many of them done, how many by presence, and who comes next.
 * @param {any[]} beds
 * @param {Map<string, {presence: string, suspected: boolean}>} known
 * @returns {{total: number, done: number, suspected: number, counts: Record<string, number>, left: any[]}}
 */
export function progress(beds, known) {
  const counts = {};
  const left = [];
  let suspected = 0;
  for (const bed of beds) {
    const state = known.get(bed.id);
    if (!state) left.push(bed);
    else {
      counts[state.presence] = (counts[state.presence] ?? 0) + 1;
      if (state.suspected) suspected += 1;
    }
  }
  return { total: beds.length, done: beds.length - left.length, suspected, counts, left };
}

/**
 * Return the bed that comes after one among those that are left; the first one behind the last; null when all are done.
 * @param {any[]} beds
 * @param {Map<string, any>} known
 * @param {string} after
 * @returns {string | null}
 */
export function nextBed(beds, known, after) {
  const at = beds.findIndex(({ id }) => id === after);
  const turned = [...beds.slice(at + 1), ...beds.slice(0, Math.max(0, at))];
  return turned.find(({ id }) => id !== after && !known.has(id))?.id ?? null;
}

/**
 * @typedef {object} Missing
 * @property {string} code one of WORDS
 * @property {string} to the place that mends it
 * @property {'inspection' | 'ward_round' | 'evidence'} [about] what it is that lacks something, where no bed says so
 * @property {string} [label] ward and bed, a number: never a name
 * @property {string} [form] of the evidence
 * @property {number} [count]
 */

/** What may be missing: what it is called, and why it cannot wait. */
export const WORDS = {
  bed_unchecked: { zh: '床位未核查', en: 'Beds not checked' },
  absence_without_reason: { zh: '不在床，未填原因', en: 'Away, no reason given' },
  absence_without_slip: { zh: '不在床，未核对凭据', en: 'Away, no slip looked at' },
  suspect_without_picture: { zh: '存疑床位没有照片', en: 'Doubtful bed without a picture' },
  photo_poor: { zh: '照片不合格', en: 'Picture of poor quality' },
  record_unsigned: { zh: '笔录未签名', en: 'Record not signed' },
  round_without_record: { zh: '查房没有签名的记录', en: 'Round without a signed record' },
  one_officer: { zh: '只有一名检查人员', en: 'One officer only' },
  id_not_shown: { zh: '未记录出示证件', en: 'Showing of the ID cards not recorded' },
  round_open: { zh: '查房未结束', en: 'Round not finished' },
};

/**
 * Return what is missing before leaving the site, in the order in which it is mended best.
 * @param {object} site
 * @param {any} site.inspection
 * @param {any[]} site.rounds of the inspection
 * @param {any[]} site.encounters
 * @param {any[]} site.checks
 * @param {any[]} site.evidence of the inspection
 * @param {Record<string, string[]>} [site.doubts] by evidence: what was wrong with it at capture
 * @returns {Missing[]}
 */
export function missing({ inspection, rounds, encounters, checks, evidence, doubts = {} }) {
  const standingEvidence = evidence.filter(live);
  const pictures = picturesByCheck(standingEvidence);
  const found = [];
  if (!inspection.values.id_shown_at) found.push({ code: 'id_not_shown', to: `/inspection/${inspection.id}` });
  if ((inspection.values.members ?? []).length < 2) found.push({ code: 'one_officer', to: `/inspection/${inspection.id}`, about: 'inspection' });
  for (const round of rounds.filter(live)) {
    const own = checks.filter((one) => one.values.ward_round === round.id);
    const beds = bedsOf(round, encounters, inspection.values.institution);
    found.push(...ofRound(round, beds, standing(own), pictures, standingEvidence));
  }
  return [...found, ...ofEvidence(standingEvidence, doubts, checks)];
}

function picturesByCheck(evidence) {
  const found = new Map();
  for (const one of evidence) {
    const check = one.values.bed_check;
    if (check && one.values.media_type.startsWith('image/')) found.set(check, [...(found.get(check) ?? []), one.id]);
  }
  return found;
}

function ofRound(round, beds, known, pictures, evidence) {
  const place = `/round/${round.id}`;
  const label = (round.values.wards ?? []).join('、') || undefined;
  const found = [];
  const left = new Map();
  for (const bed of progress(beds, known).left) left.set(bed.values.ward, [...(left.get(bed.values.ward) ?? []), bed]);
  for (const [ward, some] of left) {
    found.push({ code: 'bed_unchecked', to: `${place}/bed/${some[0].id}`, label: ward, count: some.length });
  }
  for (const bed of beds) {
    for (const code of known.has(bed.id) ? ofBed(known.get(bed.id), pictures) : []) {
      found.push({ code, to: `${place}/bed/${bed.id}`, label: `${bed.values.ward} ${bed.values.bed}` });
    }
  }
  if (!round.values.second_officer) found.push({ code: 'one_officer', to: `${place}/finish`, about: 'ward_round', label });
  const record = evidence.some(({ values }) => values.ward_round === round.id && RECORDS.includes(values.form));
  if (!record) found.push({ code: 'round_without_record', to: `${place}/finish`, label });
  if (!DONE.includes(round.values.stage)) found.push({ code: 'round_open', to: `${place}/finish`, label });
  return found;
}

function ofBed({ checks, suspected }, pictures) {
  const found = [];
  const away = checks.filter(({ values }) => AWAY.includes(values.presence));
  if (away.some(({ values }) => !values.absence_reason)) found.push('absence_without_reason');
  if (away.some(({ values }) => EXCUSED.includes(values.absence_reason) && !values.slip)) found.push('absence_without_slip');
  if (suspected && !checks.some(({ id }) => pictures.has(id))) found.push('suspect_without_picture');
  return found;
}

function ofEvidence(evidence, doubts, checks) {
  const beds = new Map(checks.map((one) => [one.id, one.values]));
  const good = new Set(evidence.filter(({ id }) => !doubts[id]?.length).map(({ values }) => values.bed_check));
  const found = [];
  for (const [n, { id, values }] of evidence.entries()) {
    const bed = beds.get(values.bed_check);
    const taken = bed && good.has(values.bed_check);
    if (doubts[id]?.length && !taken) {
      const to = bed ? `/round/${bed.ward_round}/bed/${bed.encounter}` : `/evidence/${id}`;
      found.push({ code: 'photo_poor', to, label: bed?.bed_listed });
    }
    const its = { to: `/evidence/${id}`, about: 'evidence', form: values.form, label: bed?.bed_listed ?? `${n + 1}/${evidence.length}` };
    if (!values.second_officer) found.push({ code: 'one_officer', ...its });
    if (RECORDS.includes(values.form) && !signed(values.signatures)) found.push({ code: 'record_unsigned', ...its });
  }
  return found;
}

/** Both officers, and whoever was inspected or asked: signed, or recorded as refusing. */
function signed(signatures = []) {
  const officers = signatures.filter(({ signer, outcome }) => signer === 'officer' && outcome === 'signed').length;
  return officers >= 2 && signatures.some(({ signer }) => ['party', 'interviewee'].includes(signer));
}
