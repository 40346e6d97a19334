/** Enrolling: the keys are made and kept first, so that a lost answer is asked for again with the same request. */

import * as checkpoint from './checkpoint.js';
import { readEnrolled, requestOf } from './enrolment.js';
import { XWING, newKey } from './envelope.js';
import { BadProof, PinMismatch } from './errors.js';
import { makerOf } from './key_chain.js';
import { checkKeys, readKeys } from './keys.js';
import { b64u, bytes, unb64u } from './lines.js';
import { ENROLLED, KEYS, peek } from './signing.js';
import { JOSE } from './transport.js';
import { AlreadyEnrolled, StaleKeys } from './trouble.js';

/**
 * Return the identity that will enrol, durably kept; throws AlreadyEnrolled.
 *
 * A phone that was cut off while enrolling has keys already and keeps them: its request stays the same.
 * @param {import('./journal.js').Journal} journal
 * @param {{url: string, ledger: string, recovery: string}} invite
 * @param {{keyring: import('./keyring.js').Keyring, app: string, kem?: string}} how
 * @returns {Promise<Record<string, any>>}
 */
export async function prepare(journal, invite, { keyring, app, kem = XWING }) {
  const known = await journal.get('me');
  if (known?.device) throw new AlreadyEnrolled('this journal belongs to an enrolled phone');
  const pins = { url: invite.url, ledger_pin: invite.ledger, recovery_pin: invite.recovery };
  if (known) {
    await journal.write([['me', { ...known, ...pins }]]);
    return { ...known, ...pins };
  }
  const receiving = await newKey(kem);
  const me = {
    ...pins,
    app,
    kem,
    ...(await keyring.make()),
    seal_seed: b64u(receiving.seed),
    seal_key: b64u(receiving.public),
  };
  await journal.write([['me', me]]);
  return me;
}

/**
 * Return the identity as the server knows it now, kept with the head, the keys and the first anchor.
 *
 * Throws PinMismatch, BadSignature or BadProof where an impostor answers, ServerRefused, Offline, StaleKeys.
 * @param {Record<string, any>} me of prepare
 * @param {{code: string}} invite
 * @param {{journal: import('./journal.js').Journal, transport: import('./transport.js').Transport,
 *   clock: import('./transport.js').Clock, signer: import('./signing.js').Signer}} by
 * @returns {Promise<Record<string, any>>}
 */
export async function introduce(me, invite, { journal, transport, clock, signer }) {
  const heard = await transport.ask('GET', '/v1/keys', { signed: false });
  await transport.trustDate(heard);
  const keys = readKeys(heard.jws(), me.ledger_pin);
  checkKeys(keys, null, { origin: '', recoveryPin: me.recovery_pin });
  if (transport.nowMs() > keys.exp) throw new StaleKeys('the key list has run out');
  const about = { code: invite.code, sealKey: unb64u(me.seal_key), kem: me.kem, ledgerPin: me.ledger_pin, app: me.app };
  const request = await requestOf(signer, { ...about, origin: keys.origin });
  const answer = await transport.ask('POST', '/v1/devices', {
    body: bytes(request),
    headers: { 'Content-Type': JOSE },
    signed: false,
    good: [200, 201],
  });
  const maker = makerOf(answer.jws(), ENROLLED, keys.chain);
  const enrolled = readEnrolled(answer.jws(), maker, { origin: keys.origin, request });
  const head = checkpoint.verify(enrolled.checkpoint, keys.chain);
  if (head.origin !== keys.origin || head.epoch !== enrolled.epoch) {
    throw new BadProof('the checkpoint is that of another ledger');
  }
  const { device, user, epoch, time } = enrolled;
  const known = { ...me, origin: keys.origin, device, user, ledger_key: b64u(keys.pinned) };
  const rows = [['head', head.note], ['keys', keys.jws], ['me', known]];
  // The same answer again after a lost one is old, and so would be its time.
  if (answer.status === 201) {
    const moment = { wall: clock.wall(), mono: clock.mono(), session: clock.session };
    rows.push(['anchor', { epoch, index: Math.max(head.size - 1, 0), time, ...moment }]);
  }
  await journal.write(rows);
  return known;
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
