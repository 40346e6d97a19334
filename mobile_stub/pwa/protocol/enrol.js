/** Enrolling: the keys are made and kept first, so that a lost answer is asked for again with the same request. */

import * as checkpoint from './checkpoint.js';
import { readEnrolled, requestOf } from './enrolment.js';
import { XWING, newKey } from './envelope.js';
import { BadProof, PinMismatch } from './errors.js';
import { numberOf, numbered } from './journal.js';
import { makerOf } from './key_chain.js';
import { checkKeys, readKeys } from './keys.js';
import { b64u, bytes, unb64u } from './lines.js';
import { resend, unacknowledged } from './push.js';
import { ENROLLED, KEYS, peek } from './signing.js';
import { JOSE } from './transport.js';
import { Alarmed, AlreadyEnrolled, ServerRefused, StaleKeys } from './trouble.js';

/**
 * Return the identity that will enrol, durably kept; throws AlreadyEnrolled for the work of another ledger.
 *
 * A phone that was cut off while enrolling has keys already and keeps them: its request stays the same. One that is
 * enrolled gets the keys of the device that takes its place as `next`, and stays what it is until the server has them.
 * @param {import('./journal.js').Journal} journal
 * @param {{url: string, ledger: string, recovery: string}} invite
 * @param {{keyring: import('./keyring.js').Keyring, app: string, kem?: string}} how
 * @returns {Promise<Record<string, any>>}
 */
export async function prepare(journal, invite, { keyring, app, kem = XWING }) {
  const known = await journal.get('me');
  const pins = { url: invite.url, ledger_pin: invite.ledger, recovery_pin: invite.recovery };
  let me;
  if (!known) me = { ...pins, app, kem, ...(await newKeys(keyring, kem)) };
  else if (!known.device) me = { ...known, ...pins };
  else me = await renewed(known, invite, { keyring, app });
  await journal.write([['me', me]]);
  return me;
}

async function newKeys(keyring, kem) {
  const receiving = await newKey(kem);
  return { ...(await keyring.make()), seal_seed: b64u(receiving.seed), seal_key: b64u(receiving.public) };
}

async function renewed(known, invite, { keyring, app }) {
  // The ledger key may have been followed by another since this phone pinned it; the recovery key never changes.
  if (known.recovery_pin !== invite.recovery) {
    throw new AlreadyEnrolled('this phone holds the work of another ledger, which must not get into this one');
  }
  const keys = known.next ?? (await newKeys(keyring, known.kem));
  return { ...known, next: { ...keys, url: invite.url, app } };
}

/** Return the identity that asks to be enrolled: with its next keys, and naming the device that it was. */
function becoming({ next, sign_seed: seed, sign_key: key, ...known }) {
  if (next) return { ...known, ...next, former: known.device };
  return { ...known, ...(seed ? { sign_seed: seed } : {}), ...(key ? { sign_key: key } : {}) };
}

/**
 * Return the identity of a phone that was enrolled for the first time, kept with the head, the keys and an anchor.
 *
 * Throws PinMismatch, BadSignature or BadProof where an impostor answers, ServerRefused, Offline, StaleKeys.
 * @param {Record<string, any>} me of prepare
 * @param {{code: string}} invite
 * @param {{journal: import('./journal.js').Journal, transport: import('./transport.js').Transport,
 *   clock: import('./transport.js').Clock, keyring: import('./keyring.js').Keyring}} by
 * @returns {Promise<Record<string, any>>}
 */
export async function join(me, invite, by) {
  const { known, rows, note } = await introduced(me, invite, by);
  await by.journal.write([...rows, ['head', note]]);
  return known;
}

/**
 * Return the identity of the device that took this one's place; its unsent work begins the new one's chain.
 *
 * What may be in the ledger already is asked for once more: without it a phone would be told `same` of what was
 * refused while its answer got lost. Throws Alarmed where nothing may be synced, and as join does.
 * @param {import('./kit.js').Kit} kit
 * @param {{code: string}} invite
 * @param {import('./keyring.js').Keyring} keyring
 * @returns {Promise<Record<string, any>>}
 */
export async function takePlace(kit, invite, keyring) {
  const alarm = await kit.journal.get('alarm');
  if (alarm) throw new Alarmed(alarm);
  for (const seq of await unacknowledged(kit)) {
    await resend(kit, seq).catch((error) => {
      if (!(error instanceof ServerRefused)) throw error;
    });
  }
  const { known, rows, note } = await introduced(kit.me, invite, { ...kit, keyring });
  const head = await kit.follow(note);
  const gone = ['stopped', 'shut_out', 'handed'].map((key) => [key, undefined]);
  await kit.journal.write([...rows, ...(await kit.headRow(head)), ...(await chainBegun(kit)), ...gone]);
  return known;
}

/** Return the rows that put every set behind the chain of another device; what has no receipt waits again. */
async function chainBegun({ journal }) {
  const sets = await journal.rows('set/');
  const [last] = (await journal.rows('former/')).slice(-1);
  const first = last ? numberOf(last[0]) + 1 : 1;
  const rows = [];
  const places = new Map();
  sets.forEach(([key, set], n) => {
    rows.push([key, undefined], [numbered('former', first + n), set]);
    places.set(numberOf(key), set.receipt ? -(first + n) : undefined);
  });
  for (const [key, { seq, ...row }] of await journal.rows('change/')) {
    if (!places.has(seq)) continue;
    const place = places.get(seq);
    rows.push([key, place === undefined ? row : { ...row, seq: place }]);
  }
  return rows;
}

/** Return the identity as the server knows it now, the rows that keep it, and the note that it stated. */
async function introduced(given, invite, { transport, clock, keyring }) {
  const heard = await transport.ask('GET', '/v1/keys', { signed: false });
  await transport.trustDate(heard);
  const keys = readKeys(heard.jws(), given.ledger_pin);
  checkKeys(keys, null, { origin: '', recoveryPin: given.recovery_pin });
  if (transport.nowMs() > keys.exp) throw new StaleKeys('the key list has run out');
  if (given.origin && given.origin !== keys.origin) {
    throw new AlreadyEnrolled('this phone holds the work of another ledger, which must not get into this one');
  }
  const me = becoming(given);
  const request = await requestOf(await keyring.open(me), {
    origin: keys.origin,
    code: invite.code,
    sealKey: unb64u(me.seal_key),
    kem: me.kem,
    ledgerPin: me.ledger_pin,
    app: me.app,
    supersedes: me.former,
  });
  const headers = { 'Content-Type': JOSE };
  const answer = await transport.ask('POST', '/v1/devices', {
    body: bytes(request), headers, signed: false, good: [200, 201],
  });
  const maker = makerOf(answer.jws(), ENROLLED, keys.chain);
  const enrolled = readEnrolled(answer.jws(), maker, { origin: keys.origin, request });
  const head = checkpoint.verify(enrolled.checkpoint, keys.chain);
  if (head.origin !== keys.origin || head.epoch !== enrolled.epoch) {
    throw new BadProof('the checkpoint is that of another ledger');
  }
  const { device, user, epoch, time } = enrolled;
  const known = { ...me, origin: keys.origin, device, user, ledger_key: b64u(keys.pinned) };
  const rows = [['keys', keys.jws], ['me', known]];
  // The same answer again after a lost one is old, and so would be its time.
  if (answer.status === 201) {
    const moment = { wall: clock.wall(), mono: clock.mono(), session: clock.session };
    rows.push(['anchor', { epoch, index: Math.max(head.size - 1, 0), time, ...moment }]);
  }
  return { known, rows, note: head.note };
}

/**
 * Pin the ledger key of an invite in the place of one that was compromised; all that was recorded stays.
 *
 * Whether it is the same ledger is told by origin and recovery key, which never change. Throws PinMismatch,
 * KeyCompromised, BadProof, BadSignature, Offline.
 * @param {import('./kit.js').Kit} kit
 * @param {{ledger: string, recovery: string}} invite as it was scanned at the bureau's own screen
 */
export async function repin(kit, invite) {
  if (invite.recovery !== kit.me.recovery_pin) throw new PinMismatch('the invite is that of another ledger');
  const answer = await kit.transport.ask('GET', '/v1/keys', { signed: false });
  const keys = readKeys(answer.jws(), invite.ledger);
  checkKeys(keys, null, { origin: kit.me.origin, recoveryPin: kit.me.recovery_pin });
  const kept = await kit.journal.get('keys');
  if (kept && keys.serial < peek(kept, KEYS).payload.serial) {
    throw new BadProof('the key list is older than one this phone has seen');
  }
  const me = { ...kit.me, ledger_pin: invite.ledger, ledger_key: b64u(keys.pinned) };
  await kit.journal.write([['me', me], ['keys', keys.jws], ['repin', undefined]]);
  kit.me = me;
}
