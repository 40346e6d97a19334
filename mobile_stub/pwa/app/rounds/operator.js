/**
 * Whether this phone answers called rounds and does nothing else: its user was called, and belongs to no inspection
 * and to no round's team. The phone is told of no roles; what it holds says it, and a call that ended is remembered.
 */

import { useEffect, useState } from 'preact/hooks';

import { useSession } from '../session.js';

const CALLED = 'called-ward';
/** Stages of a called round in which its ward answers. */
export const ANSWERING = ['in_progress', 'explanation_open'];

/**
 * Return the rounds that call this phone's user and take answers, the most pressing first.
 * @param {any[]} rounds
 * @param {string} user
 */
export function callsTo(rounds, user) {
  return rounds
    .filter(({ values }) => values.mode === 'remote' && values.operator === user && values.called_at)
    .filter(({ values }) => ANSWERING.includes(values.stage) && !values.answers_closed_at)
    .sort((one, other) => one.values.respond_by - other.values.respond_by);
}

/**
 * Return whether a user belongs to the team of anything that the phone holds.
 * @param {any[]} inspections
 * @param {any[]} rounds
 * @param {string} user
 */
export function isOfATeam(inspections, rounds, user) {
  const belongs = ({ values }) => values.lead === user || (values.members ?? []).includes(user);
  return inspections.length > 0 || rounds.some(belongs);
}

async function answersOnly(phone) {
  const { user } = phone.kit.me;
  const [rounds, inspections] = await Promise.all([phone.list('ward_round'), phone.list('inspection')]);
  if (isOfATeam(inspections, rounds, user)) return false;
  if (!rounds.some(({ values }) => values.operator === user)) return Boolean(await phone.kit.journal.get(CALLED));
  await phone.kit.journal.write([[CALLED, true]]);
  return true;
}

/** @returns {boolean} whether nothing but the called rounds is to be seen on this phone */
export function useOperator() {
  const { phone, report } = useSession();
  const [only, setOnly] = useState(false);
  useEffect(() => {
    let wanted = true;
    if (phone) answersOnly(phone).then((found) => wanted && setOnly(found), () => {});
    else setOnly(false);
    return () => {
      wanted = false;
    };
  }, [phone, report]);
  return only;
}
