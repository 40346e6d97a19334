/** What the pages of an inspection, an institution and a finding show, put together from what the phone holds. */

import forms from '../../generated/records.json';
import { newestDecisions, needs } from './needs.js';
import { rolesIn } from './rights.js';

const NOTED = 'noted';

/**
 * Return the records of some types.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {...string} types
 * @returns {Promise<Record<string, import('../../protocol/view.js').Shown[]>>}
 */
export async function held(phone, ...types) {
  const once = readingOnce(phone);
  const lists = await Promise.all(types.map((type) => once.list(type)));
  return Object.fromEntries(types.map((type, n) => [type, lists[n]]));
}

/** The phone with each kind of row read once: a thousand records are opened one time for a page, not once for each list. */
function readingOnce(phone) {
  const known = new Map();
  const rows = (prefix) => {
    if (!known.has(prefix)) known.set(prefix, phone.kit.journal.rows(prefix));
    return known.get(prefix);
  };
  const journal = { get: (key) => phone.kit.journal.get(key), rows };
  return Object.create(phone, { kit: { value: Object.create(phone.kit, { journal: { value: journal } }) } });
}

/** @returns {Promise<any>} a record, or null where this phone does not hold it */
export async function maybe(phone, id) {
  try {
    return id ? await phone.show(id) : null;
  } catch (error) {
    if (error.code === 'record_unknown') return null;
    throw error;
  }
}

/** @returns {string} the user of the phone */
export const userOf = (phone) => phone.kit.me.user;

const of = (all, inspection) => all.filter(({ life, values }) => life !== 'voided' && values.inspection === inspection);

/** @returns {Promise<any>} an inspection with all that belongs to it; null where the phone does not hold it */
export async function inspectionOf(phone, id) {
  const inspection = await maybe(phone, id);
  if (!inspection) return null;
  const all = await held(phone, 'ward_round', 'evidence', 'finding', 'checklist_answer', 'decision');
  return {
    inspection,
    institution: await maybe(phone, inspection.values.institution),
    roles: rolesIn(inspection.values, userOf(phone)),
    user: userOf(phone),
    rounds: of(all.ward_round, id),
    evidence: of(all.evidence, id),
    findings: of(all.finding, id),
    answers: of(all.checklist_answer, id),
    decision: newestDecisions(all.decision, ['return']).get(id),
  };
}

/** @returns {Promise<any>} a finding with its inspection, its evidence and what was decided about it */
export async function findingOf(phone, id) {
  const finding = await maybe(phone, id);
  if (!finding) return null;
  const all = await held(phone, 'evidence', 'decision', 'conflict');
  const inspection = await maybe(phone, finding.values.inspection);
  return {
    finding,
    inspection,
    institution: await maybe(phone, inspection?.values.institution),
    roles: inspection ? rolesIn(inspection.values, userOf(phone)) : [],
    evidence: of(all.evidence, finding.values.inspection),
    decisions: all.decision.filter(({ values }) => values.about === id),
    conflicts: all.conflict.filter(({ values }) => values.about === id && values.state === 'open'),
  };
}

/** @returns {Promise<any>} an institution with its inspections, its in-patients and what was found there before */
export async function institutionOf(phone, id) {
  const institution = await maybe(phone, id);
  if (!institution) return null;
  const all = await held(phone, 'inspection', 'finding', 'encounter', 'rectification_case');
  const inspections = all.inspection.filter(({ life, values }) => life !== 'voided' && values.institution === id);
  const days = new Map(inspections.map((one) => [one.id, one.values.planned_on]));
  return {
    institution,
    inspections: inspections.sort((one, other) => other.values.planned_on.localeCompare(one.values.planned_on)),
    findings: all.finding
      .filter(({ life, values }) => life !== 'voided' && days.has(values.inspection))
      .sort((one, other) => days.get(other.values.inspection).localeCompare(days.get(one.values.inspection))),
    days,
    census: listed(all.encounter, id),
    cases: all.rectification_case.filter(({ values }) => values.institution === id),
  };
}

function listed(encounters, institution) {
  const key = ({ values }) => [values.ward, values.bed].map((one) => String(one).padStart(12, '0')).join('/');
  return encounters
    .filter(({ life, values }) => life !== 'voided' && values.institution === institution && values.stage !== 'left_out')
    .sort((one, other) => key(one).localeCompare(key(other)));
}

/** @returns {Promise<any[]>} what needs the owner, with what is needed to say it; see needs.js */
export async function needsOf(phone) {
  const all = await held(phone, 'inspection', 'evidence', 'finding', 'conflict', 'decision', 'institution');
  const { attention } = await phone.status();
  const kinds = ['inspection', 'evidence', 'finding'];
  const known = new Map(kinds.flatMap((type) => all[type]).map((one) => [one.id, one]));
  const inspections = new Map(all.inspection.map((one) => [one.id, one]));
  const rootOf = (id) => inspections.get(id) ?? inspections.get(known.get(id)?.values.inspection);
  const names = new Map(all.institution.map(({ id, values }) => [id, values.name]));
  const noted = new Set(Object.keys((await phone.kit.journal.get(NOTED)) ?? {}));
  const found = needs({
    user: userOf(phone), forms, attention, noted, rootOf,
    inspections: all.inspection, evidence: all.evidence, findings: all.finding, conflicts: all.conflict, decisions: all.decision,
  });
  return found.map((need) => {
    const root = rootOf(need.record);
    return { ...need, about: known.get(need.record) ?? null, root, place: names.get(root?.values.institution) ?? '' };
  });
}

/**
 * Put something away that was read: it is on the list no more. What was not accepted stays in the ledger and here.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {string} id of the change, or of the decision
 */
export async function putAway(phone, id) {
  const noted = (await phone.kit.journal.get(NOTED)) ?? {};
  await phone.kit.journal.write([[NOTED, { ...noted, [id]: 1 }]]);
}

/**
 * Return both sides of an open conflict: the values that stand against each other, who wrote them, when.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {string} id the conflict's
 * @returns {Promise<any>} null where the phone does not hold it
 */
export async function conflictOf(phone, id) {
  const conflict = await maybe(phone, id);
  if (conflict?.type !== 'conflict') return null;
  const { about: record, field, record_type: type } = conflict.values;
  const copy = await phone.kit.journal.get(`record/${record}`);
  const about = await maybe(phone, record);
  const inspection = type === 'inspection' ? about : await maybe(phone, about?.values.inspection);
  return {
    conflict, about, inspection, field, type,
    institution: await maybe(phone, inspection?.values.institution),
    user: userOf(phone),
    roles: inspection ? rolesIn(inspection.values, userOf(phone)) : [],
    sides: copy?.contested?.[field] ?? [],
    // What held before they parted, and holds until somebody settles it.
    standing: copy?.values[field],
  };
}
