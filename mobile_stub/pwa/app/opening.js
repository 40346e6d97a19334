/**
 * From a closed phone to an open one: the first start, enrolling, the PIN, locking.
 *
 * Nothing of what is sealed stays in memory after `lock`, but what a page still shows; the frame is gone with it.
 */

import described from '../generated/records.json';
import { deviceKeyring, hasEd25519 } from '../protocol/browser/device_key.js';
import { IdbJournal } from '../protocol/browser/idb_journal.js';
import { typesOf } from '../protocol/compose.js';
import { readInvite } from '../protocol/enrolment.js';
import { checkKeys, readKeys } from '../protocol/keys.js';
import { Phone } from '../protocol/phone.js';
import { Transport } from '../protocol/transport.js';
import { clock } from './clock.js';
import { change, leadsAway, session } from './session.js';
import { READ, standingOf } from './standing.js';
import { ROOM_BYTES_MIN, roomOf } from './storage.js';
import { secretOf } from './vault/passkey.js';
import { shelf } from './vault/shelf.js';
import { Vault } from './vault/vault.js';
import { fingerprintOf } from './words.js';

export const JOURNAL = 'wardledger';
/** Outlives a browser that clears its databases, and says then that there was a phone here. */
const MARK = 'wardledger.phone';
export const kept = shelf(`${JOURNAL} vault`);
export const vault = new Vault(kept);

/** Find out what this browser holds. */
export async function begin() {
  if (!(await vault.exists())) change({ state: localStorage.getItem(MARK) ? 'lost' : 'new' });
  else change({ state: (await isElsewhere()) ? 'elsewhere' : 'locked' });
}

/** A page that is loaded anew meets the lock that it left itself a moment ago. */
const LEAVING_MS = 2_000;

/** @returns {Promise<boolean>} whether another tab has the journal, and keeps it */
async function isElsewhere() {
  if (!navigator.locks) return false;
  const how = { signal: AbortSignal.timeout(LEAVING_MS) };
  return navigator.locks.request(`wardledger ${JOURNAL}`, how, () => false).catch(() => true);
}

const others = new BroadcastChannel(`${JOURNAL} taken`);
others.onmessage = () => session.journal && leadsAway({ code: 'in_another_tab' });

/** Go on here, once the PIN was entered; the other tab is then closed to the phone. */
export const goOnHere = () => change({ state: 'locked', takeOver: true });

/** Take the loss of the phone that was here for known: a new one may be enrolled. */
export async function startAnew() {
  await vault.destroy();
  localStorage.removeItem(MARK);
  change({ state: 'new' });
}

/**
 * Return what an invite leads to, before anything is made: throws Malformed, OtherAddress, PinMismatch, Offline.
 * @param {string} text
 * @returns {Promise<{text: string, url: string, origin: string, fingerprint: string}>}
 */
export async function lookAt(text) {
  const invite = readInvite(text);
  if (new URL(invite.url).origin !== location.origin) throw new OtherAddress(invite.url);
  const transport = new Transport({ url: invite.url, clock });
  const heard = await transport.ask('GET', '/v1/keys', { signed: false });
  const keys = readKeys(heard.jws(), invite.ledger);
  checkKeys(keys, null, { origin: '', recoveryPin: invite.recovery });
  return { text, url: invite.url, origin: keys.origin, fingerprint: fingerprintOf(invite.ledger) };
}

/** The invite is for another address than the one that this app was loaded from. */
export class OtherAddress extends Error {
  constructor(url) {
    super('the invite names another address');
    this.url = url;
  }
}

/**
 * Make this browser the phone of an invite, sealed under a PIN; cut off, it goes on with the same keys. An open phone
 * pins the ledger's new key, or becomes the device that takes its own place and keeps what it had not sent.
 * @param {string} text the invite
 * @param {string} [pin] needed unless the phone or its vault was opened already
 */
export async function enrol(text, pin) {
  if (session.phone && (await session.journal.get('repin'))) {
    await session.phone.repin(text);
    return refresh();
  }
  if (!session.journal) await fresh(pin);
  const { journal } = session;
  const phone = await Phone.enrol(text, await parts(journal));
  localStorage.setItem(MARK, 'here');
  // Asked while the user is at it: most browsers decide by themselves.
  navigator.storage?.persist?.().catch(() => {});
  return opened(phone, journal);
}

/** Make the vault and an empty journal in it; what another vault had sealed is nobody's to open, and goes. */
async function fresh(pin) {
  await IdbJournal.erase(JOURNAL);
  change({ journal: await IdbJournal.open(JOURNAL, { cipher: await vault.create(pin) }) });
}

/** Open the phone; throws WrongPin, TooSoon and whatever the journal throws. @param {string} pin */
export async function unlock(pin) {
  return unlocked(await vault.open(pin));
}

/** Open the phone by its passkey; throws what the user's own refusal throws, NoPrf, and as unlock. */
export async function unlockByPasskey() {
  return unlocked(await vault.openByPasskey(await secretOf(await vault.passkey())));
}

async function unlocked(cipher) {
  const { takeOver } = session;
  const journal = await IdbJournal.open(JOURNAL, { cipher, mustExist: true, takeOver });
  if (takeOver) others.postMessage('taken');
  change({ takeOver: false });
  const me = await journal.get('me');
  // Cut off while enrolling: the keys are there, the ledger's answer is not.
  if (!me?.device) return change({ journal, state: 'new' });
  return opened(await Phone.open(await parts(journal)), journal);
}

async function parts(journal) {
  const me = await journal.get('me');
  const inKeyring = me ? !me.sign_seed : await hasEd25519();
  const keyring = inKeyring ? { keyring: deviceKeyring(journal) } : {};
  return { journal, clock, types: typesOf(described), ...keyring };
}

/** Take an open phone for this session's. @param {Phone} phone @param {IdbJournal} journal */
export async function opened(phone, journal) {
  const keep = phone.keep.bind(phone);
  phone.keep = async (...given) => {
    const made = await keep(...given).catch(fullOrNot);
    await refresh();
    return made;
  };
  change({ journal, phone, state: 'open' });
  await refresh();
}

/** Have the want of room told, whatever page asked. */
function fullOrNot(error) {
  if (error.code === 'storage_full') change({ full: true });
  throw error;
}

/** Find out anew how things stand, and have everything drawn anew. */
export async function refresh() {
  const { phone, journal } = session;
  if (!phone) return;
  const [status, standing, room] = await Promise.all([phone.status(), standingOf(journal), roomOf()]);
  if (session.phone !== phone) return;
  change({ status, standing, room, full: session.full && (room?.left ?? 0) < ROOM_BYTES_MIN });
}

/** The phone has erased itself on the bureau's order: nothing of it stays, the mark that it was here neither. */
export async function wiped() {
  change({ state: 'wiped', phone: null, journal: null, status: null, standing: null, report: null, syncing: null });
  localStorage.removeItem(MARK);
  await vault.destroy();
}

/** Keep that the user has read a warning. @param {string} id */
export async function haveRead(id) {
  const read = (await session.journal.get(READ)) ?? [];
  await session.journal.write([[READ, [...new Set([...read, id])]]]);
  await refresh();
}

/** Close the phone until the PIN comes again. Practice has no PIN: it is over, and what was recorded in it goes. */
export async function lock() {
  const { journal, practice } = session;
  const closed = { phone: null, journal: null, status: null, standing: null, report: null };
  change({ state: 'starting', practice: false, ...closed });
  await (practice ? journal.erase() : journal?.close());
  await begin();
}
