/**
 * A phone that is shut out: it believes the ledger's signed word alone, lets its work leave, erases itself if told to.
 *
 * The order is obeyed once all that was recorded here has left the phone, each set against a statement that names it as
 * kept; where the order says `now`, at once.
 */

import { Refusal } from './errors.js';
import { numberOf } from './journal.js';
import { isObject } from './lines.js';
import { readShutOut } from './statements.js';
import { STATEMENT } from './signing.js';
import { NotTheServer } from './trouble.js';

/** @typedef {import('./kit.js').Kit} Kit */
/** @typedef {ReturnType<typeof readShutOut>} ShutOut */

/**
 * Keep what a refusal states of this phone, signed; null where it proves nothing, and then nothing follows.
 * @param {Kit} kit
 * @param {import('./trouble.js').ServerRefused} refused
 * @returns {Promise<ShutOut | null>}
 */
export async function heed(kit, refused) {
  if (!['device_revoked', 'device_fork'].includes(refused.code)) return null;
  // After a fork this phone may never seal again.
  if (refused.code === 'device_fork') await kit.journal.write([['stopped', refused.code]]);
  return keep(kit, refused.problem.statement);
}

/** Ask how this phone stands, if it was stopped: it may have been ordered to erase itself since. @param {Kit} kit */
export async function ask(kit) {
  if (!(await kit.journal.get('stopped'))) return;
  const there = (await kit.transport.ask('GET', '/v1/devices/self')).json();
  if (!isObject(there)) throw new NotTheServer('the answer is no chain');
  await keep(kit, there.statement);
}

async function keep(kit, token) {
  if (typeof token !== 'string') return null;
  let said;
  try {
    said = readShutOut(token, await kit.keysOfToken(token, STATEMENT), kit.about);
  } catch (error) {
    // Whoever stands in between may say anything; without the ledger's signature it is no reason for an alarm.
    if (error instanceof Refusal) return null;
    throw error;
  }
  const known = await kit.journal.get('shut_out');
  if (said.time >= (known?.time ?? 0)) {
    const { stage, wipe, time } = said;
    await kit.journal.write([['shut_out', { stage, wipe: wipe ?? null, time }]]);
  }
  return said;
}

/**
 * Note that a set lies in the server's quarantine, where the statement names that very set.
 * @param {Kit} kit
 * @param {{seq: number, digest: string}} manifest
 * @param {ShutOut | null} said
 */
export async function handedOver(kit, { seq, digest }, said) {
  if (said?.set === digest) await kit.journal.write([['handed', Math.max(seq, await handed(kit))]]);
}

/** @param {Kit} kit @returns {Promise<number>} the last set that lies in quarantine by the ledger's word, 0 for none */
export async function handed(kit) {
  return (await kit.journal.get('handed')) ?? 0;
}

/** @param {Kit} kit @returns {Promise<boolean>} whether the phone is to erase itself whatever it holds */
export async function mustGoNow(kit) {
  return (await kit.wipe()) === 'now';
}

/** @param {Kit} kit @returns {Promise<boolean>} whether it is to erase itself, and holds nothing that was not sent */
export async function mayGo(kit) {
  const wipe = await kit.wipe();
  return wipe === 'now' || (wipe !== null && !(await holdsUnsent(kit)));
}

/** @param {Kit} kit @returns {Promise<boolean>} whether anything that was recorded here has not left the phone */
export async function holdsUnsent(kit) {
  const last = await handed(kit);
  const sets = (await kit.journal.rows('set/')).some(([key, set]) => !set.receipt && numberOf(key) > last);
  const changes = (await kit.journal.rows('change/')).some(([, row]) => row.seq === undefined);
  return sets || changes || (await kit.journal.rows('file/')).some(([, file]) => file.state === 'waiting');
}
