/**
 * What needs the owner of the phone: conflicts to settle, what the supervisor returned, changes that did not take
 * effect; pure. Most pressing first, and by the record's id, so that a list never jumps under the thumb.
 */

import { maySettle, rolesIn } from './rights.js';

const ORDER = ['refused', 'conflict', 'returned_evidence', 'returned_inspection', 'withdrawn', 'set_aside', 'late', 'held'];
/** Kinds that ask for something; the others only wait for somebody else. */
export const ASKING = new Set(['refused', 'conflict', 'returned_evidence', 'returned_inspection']);

/**
 * Return the newest decision of some acts about each record.
 * @param {any[]} decisions as the phone shows them
 * @param {string[]} acts
 * @returns {Map<string, any>}
 */
export function newestDecisions(decisions, acts) {
  const found = new Map();
  for (const one of decisions) {
    const { about, act } = one.values;
    if (acts.includes(act) && (!found.has(about) || newer(one, found.get(about)))) found.set(about, one);
  }
  return found;
}

/** Ids are made in the order of time, and tell two decisions over one version apart. */
function newer(one, other) {
  const between = one.values.about_version - other.values.about_version;
  return between ? between > 0 : one.id > other.id;
}

/**
 * @typedef {object} Need
 * @property {string} kind one of ORDER
 * @property {string} id of what it is about: a record, a conflict or a change
 * @property {string} record the record concerned
 * @property {boolean} asks whether the owner has to do something
 * @property {any} [decision] the supervisor's
 * @property {any} [outcome] of the change
 * @property {string} [field]
 */

/**
 * Return what needs the owner.
 * @param {{user: string, forms: any, inspections: any[], evidence: any[], findings: any[], conflicts: any[], decisions: any[],
 *   attention: any[], noted?: Set<string>, rootOf?: (record: string) => any}} known records as the phone shows them;
 *   noted: what the owner has read and put away; rootOf: the inspection of a record
 * @returns {Need[]}
 */
export function needs(known) {
  const all = [...fromReviews(known), ...fromConflicts(known), ...fromOutcomes(known)];
  const noted = known.noted ?? new Set();
  return all
    .filter(({ kind, id, decision }) => !noted.has(decision && kind === 'withdrawn' ? decision.id : id))
    .sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) || (one.id < other.id ? -1 : 1));
}

function fromReviews({ user, inspections, evidence, findings, decisions }) {
  const mine = new Map(inspections.filter((one) => rolesIn(one.values, user).length).map((one) => [one.id, one]));
  const returned = newestDecisions(decisions, ['return', 'reject']);
  const withdrawn = newestDecisions(decisions, ['withdraw']);
  const taken = new Set(evidence.map(({ values }) => values.supersedes).filter(Boolean));
  const standing = (one, stage) => one.life !== 'voided' && one.values.stage === stage;
  return [
    ...evidence
      .filter((one) => standing(one, 'returned') && mine.has(one.values.inspection) && !taken.has(one.id))
      .map(({ id }) => ({ kind: 'returned_evidence', id, record: id, asks: true, decision: returned.get(id) })),
    ...[...mine.values()]
      .filter((one) => standing(one, 'returned'))
      .map(({ id, values }) => ({ kind: 'returned_inspection', id, record: id, asks: values.lead === user, decision: returned.get(id) })),
    ...findings
      .filter((one) => standing(one, 'withdrawn') && mine.has(one.values.inspection) && withdrawn.has(one.id))
      .map(({ id }) => ({ kind: 'withdrawn', id, record: id, asks: false, decision: withdrawn.get(id) })),
  ];
}

function fromConflicts({ user, forms, conflicts, rootOf = () => undefined }) {
  return conflicts
    .filter(({ values }) => values.state === 'open')
    .map(({ id, values }) => {
      const root = rootOf(values.about);
      const roles = root ? rolesIn(root.values, user) : [];
      const form = forms[values.record_type];
      const asks = Boolean(form) && maySettle(form, { roles, root: root?.values.stage });
      return { kind: 'conflict', id, record: values.about, field: values.field, asks };
    });
}

function fromOutcomes({ attention, decisions }) {
  const ruled = newestDecisions(decisions, ['set_aside']);
  // A conflict of an own change stands in the list as the conflict itself.
  return attention
    .filter(({ verdict }) => verdict !== 'conflict')
    .map(({ id, record, ...outcome }) => {
      const decision = outcome.verdict === 'set_aside' ? ruled.get(record) : undefined;
      return { kind: outcome.verdict, id, record, asks: ASKING.has(outcome.verdict), outcome, field: outcome.field, decision };
    });
}
