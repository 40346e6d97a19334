/** Sending: changes are sealed into sets, sets go in order, each is done only by its verified receipt. */

import { CHANGES_MAX, rootHex, textOf } from './changes.js';
import * as dismissal from './dismissal.js';
import { needsALook, onlyRepeats, outcomeOf } from './entries.js';
import { SEALED_BYTES_MAX, TEXT_BYTES_MAX, changeSetInfo, seal } from './envelope.js';
import * as epochs from './epochs.js';
import { isObject, bytes, digest, encode, ZERO_DIGEST } from './lines.js';
import { numberOf, numbered } from './journal.js';
import { openingKey } from './keys.js';
import { SCHEMA_VERSION, readManifest, signManifest } from './manifest.js';
import { verify } from './receipt.js';
import { RECEIPT } from './signing.js';
import { ChainDiffers, Damaged, NotTheServer, ServerBehind, ServerRefused } from './trouble.js';

export const MEDIA_TYPE = 'application/vnd.wardledger.change-set';
const TEXT_ROOM_BYTES = Math.min(SEALED_BYTES_MAX, TEXT_BYTES_MAX) - 8 * 1024;

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * Send what waits: first the sets that have no receipt yet, then the outbox in new sets.
 * @param {Kit} kit
 * @param {{sets: number, changes: number, verdicts: Record<string, number>}} done counts as it goes
 * @param {(told: {done: number, total: number}) => void} [onProgress]
 */
export async function push(kit, done, onProgress = () => {}) {
  await kit.refuseIfStopped();
  await epochs.showReceipts(kit);
  let revoked = null;
  const kept = await dismissal.handed(kit);
  const total = (await kit.journal.rows('change/')).filter(([, row]) => !row.outcome).length;
  const tell = () => onProgress({ done: done.changes, total });
  for (const seq of (await unacknowledged(kit)).filter((one) => one > kept)) {
    revoked = (await handOver(kit, seq, done)) ?? revoked;
    tell();
  }
  if (!revoked && (await waiting(kit)).length) await compareChain(kit);
  for (let seq = await sealNext(kit); seq !== null; seq = await sealNext(kit)) {
    revoked = (await handOver(kit, seq, done)) ?? revoked;
    tell();
  }
  if (revoked) {
    await kit.journal.write([['stopped', revoked.code]]);
    throw revoked;
  }
}

/** A revoked phone hands over all that it holds once: its refusal is returned, and the next set is sent anyway. */
async function handOver(kit, seq, done) {
  try {
    await sendSet(kit, seq, done);
    return null;
  } catch (error) {
    if (!(error instanceof ServerRefused) || error.code !== 'device_revoked') throw error;
    const said = await dismissal.heed(kit, error);
    await dismissal.handedOver(kit, readManifest((await kit.journal.get(numbered('set', seq))).manifest), said);
    return error;
  }
}

/** Return the outbox: [number, row] of the changes that are in no set yet, in their order. */
async function waiting(kit) {
  const rows = await kit.journal.rows('change/');
  return rows.filter(([, row]) => row.seq === undefined).map(([key, row]) => [numberOf(key), row]);
}

/** Return the seqs of the sets without a verified receipt, oldest first. */
export async function unacknowledged(kit) {
  const rows = await kit.journal.rows('set/');
  return rows.filter(([, row]) => row.receipt === undefined).map(([key]) => numberOf(key));
}

/** Throw ChainDiffers or ServerBehind unless the server's end of this device's chain is the phone's own. */
async function compareChain(kit) {
  const there = (await kit.transport.ask('GET', '/v1/devices/self', { headers: await kit.presented() })).json();
  if (!isObject(there) || !Number.isSafeInteger(there.seq)) throw new NotTheServer('the answer is no chain');
  if (there.stage !== 'enrolled') return;
  const [last] = (await kit.journal.rows('set/')).slice(-1);
  const seq = last ? numberOf(last[0]) : 0;
  if (there.seq > seq) throw new ChainDiffers(`the server has ${there.seq} sets of this phone, the phone knows ${seq}`);
  if (there.seq < seq) throw new ServerBehind(`the server lacks sets for which this phone holds receipts`);
  if (last && there.digest && there.digest !== digest(last[1].manifest)) {
    throw new ChainDiffers(`the server has another set ${seq} of this phone`);
  }
}

// -- sealing -----------------------------------------------------------------------------------------------

/**
 * Write the manifest of the next set durably and return its seq; null when nothing waits.
 * @param {Kit} kit
 * @returns {Promise<number | null>}
 */
export async function sealNext(kit) {
  await kit.refuseIfStopped();
  const chosen = fitting(await waiting(kit));
  if (!chosen.length) return null;
  const [last] = (await kit.journal.rows('set/')).slice(-1);
  const seq = last ? numberOf(last[0]) + 1 : 1;
  const manifest = await signManifest(kit.signer, {
    origin: kit.me.origin,
    device: kit.me.device,
    seq,
    prev: last ? digest(last[1].manifest) : ZERO_DIGEST,
    count: chosen.length,
    root: rootHex(chosen.map(([, row]) => row.line)),
    made_at: kit.clock.wall(),
    app: kit.me.app,
    schema: SCHEMA_VERSION,
    ledger_key: kit.me.ledger_pin,
    seen: await kit.seen(),
  });
  const numbers = chosen.map(([n]) => n);
  const taken = chosen.map(([n, row]) => [numbered('change', n), { ...row, seq }]);
  await kit.journal.write([[numbered('set', seq), { manifest, numbers }], ...taken]);
  return seq;
}

/**
 * Return as many changes from the front as one set can carry; never a part of a `tx` group.
 *
 * Salts and digests do not compress, so the sealed size is reckoned from the text.
 * @param {[number, any][]} rows
 * @returns {[number, any][]}
 */
export function fitting(rows) {
  const groups = [];
  let before;
  for (const one of rows) {
    const { tx } = one[1];
    if (tx && tx === before) groups.at(-1).push(one);
    else groups.push([one]);
    before = tx;
  }
  const chosen = [];
  let size = 0;
  for (const group of groups) {
    size += group.reduce((sum, [, row]) => sum + sizeOf(row), 0);
    const full = chosen.length + group.length > CHANGES_MAX || size > TEXT_ROOM_BYTES;
    if (chosen.length && full) break;
    chosen.push(...group);
  }
  return chosen;
}

const sizeOf = (row) => [row.line, ...row.private].reduce((sum, line) => sum + bytes(line).length + 1, 0);

// -- sending -----------------------------------------------------------------------------------------------

/**
 * Send one set until it has its verified receipt; where the server misses an earlier one, that goes first.
 * @param {Kit} kit
 * @param {number} seq
 * @param {{sets: number, changes: number, verdicts: Record<string, number>}} done
 */
export async function sendSet(kit, seq, done) {
  try {
    await sendOnce(kit, seq, done);
  } catch (error) {
    if (!(error instanceof ServerRefused) || error.code !== 'gap') throw error;
    const expected = error.problem.expected;
    const missing = (await unacknowledged(kit)).filter((one) => one < seq);
    if (missing[0] !== expected) throw new ServerBehind(`the server lacks set ${expected}, which it acknowledged`);
    for (const one of missing) await sendOnce(kit, one, done);
    await sendOnce(kit, seq, done);
  }
}

async function sendOnce(kit, seq, done) {
  await kit.refuseIfStopped();
  const verdicts = await resend(kit, seq);
  done.sets += 1;
  done.changes += verdicts.length;
  for (const verdict of verdicts) done.verdicts[verdict] = (done.verdicts[verdict] ?? 0) + 1;
}

/**
 * Send one set and take its receipt, whether the phone was stopped or not; return the verdicts of its changes.
 * @param {Kit} kit
 * @param {number} seq
 * @returns {Promise<string[]>}
 */
export async function resend(kit, seq) {
  const found = await readBack(kit, seq);
  if (found.lost) return abandon(kit, found);
  const answer = await post(kit, textOf(found.sealed.manifest, found.rows));
  return acknowledge(kit, { ...found, answer });
}

/** Return a set as it stands; lost: of an earlier epoch, and its text is not here any more. Throws Damaged. */
async function readBack(kit, seq) {
  const sealed = await kit.journal.get(numbered('set', seq));
  const rows = await Promise.all(sealed.numbers.map((n) => kit.journal.get(numbered('change', n))));
  const manifest = readManifest(sealed.manifest);
  const lost = rows.some((row) => !row) && (await epochs.isLost(kit, seq));
  // Read back from the journal: what does not add up to its manifest now must not leave the phone.
  if (!lost && (rows.some((row) => !row) || rootHex(rows.map((row) => row.line)) !== manifest.root)) {
    throw new Damaged(`set ${seq} is not what its manifest signs`);
  }
  return { manifest, sealed, rows, lost };
}

/**
 * Return the text of a set as it goes to the server; of one that was lost with its text its manifest line alone.
 * @param {Kit} kit
 * @param {number} seq
 * @returns {Promise<Uint8Array>}
 */
export async function textToSend(kit, seq) {
  const { sealed, rows, lost } = await readBack(kit, seq);
  return lost ? bytes(`${sealed.manifest}\n`) : textOf(sealed.manifest, rows);
}

/**
 * Return a set's text sealed to one of the server's opening keys.
 * @param {Kit} kit
 * @param {Uint8Array} text
 * @param {{kid: string, kem: string, key: Uint8Array}} to
 * @returns {Promise<Uint8Array>}
 */
export function sealFor(kit, text, { kid, kem, key }) {
  return seal(text, { kem, public: key, info: changeSetInfo(kit.me.origin, kit.me.device, kid) });
}

/**
 * Send a set that was lost and whose text is not here any more as its manifest line alone: the chain goes on.
 * What is still here of it goes again in a new set.
 */
async function abandon(kit, { manifest, sealed, rows }) {
  const answer = await post(kit, bytes(`${sealed.manifest}\n`));
  const { head, received, token } = await verified(kit, { manifest, changes: [digest('')], answer });
  const here = sealed.numbers.map((n, place) => [numbered('change', n), rows[place]]).filter(([, row]) => row);
  const out = here.map(([key, { seq, outcome, settled, ...row }]) => [key, row]);
  const set = [numbered('set', manifest.seq), { ...sealed, receipt: token, received }];
  await kit.journal.write([set, ...out, ...(await kit.headRow(head))]);
  return [];
}

/** Return what a receipt proves of a set, and the head to keep. */
async function verified(kit, { manifest, changes, answer }) {
  const token = answer.jws();
  const expected = {
    origin: kit.me.origin,
    device: kit.me.device,
    seq: manifest.seq,
    manifest: manifest.digest,
    changes,
    seen: manifest.seen,
    start: await epochs.carried(kit, manifest),
  };
  const { receipt, entries, head: stated } = verify(token, await kit.keysOfToken(token, RECEIPT), expected);
  // The receipt's own proof starts at what the manifest had seen; a head that moved on since needs its own.
  const known = await kit.seen();
  const joined = encode(manifest.seen ?? null) === encode(known) && stated.epoch === known.epoch;
  const head = joined ? stated : await kit.follow(stated.note);
  return { token, receipt, entries, head, received: Math.max(...entries.map((entry) => entry.at)) };
}

/** A retired or unknown opening key gets the same text once more under a current one. */
async function post(kit, text) {
  try {
    return await postUnder(kit, text, await kit.keys());
  } catch (error) {
    const rekey = error instanceof ServerRefused && ['rekey_required', 'unopenable'].includes(error.code);
    if (!rekey) throw error;
  }
  return postUnder(kit, text, await kit.keys(true));
}

async function postUnder(kit, text, keys) {
  const to = openingKey(keys);
  const body = await sealFor(kit, text, to);
  const headers = { 'Content-Type': MEDIA_TYPE, 'Wardledger-Device': kit.me.device, 'Wardledger-Key': to.kid };
  Object.assign(headers, await kit.presented());
  return kit.transport.ask('POST', '/v1/change-sets', { body, headers, good: [200, 201] });
}

/** Verify the receipt and keep it, the outcomes, the head and the anchor in one step; return the verdicts. */
async function acknowledge(kit, { manifest, sealed, rows, answer }) {
  const changes = rows.map((row) => digest(row.line));
  const { token, receipt, entries, head, received } = await verified(kit, { manifest, changes, answer });
  const kept = rows.map((row, n) => {
    // Its receipt was lost, and the feed has told since what became of it.
    if (row.outcome?.index > receipt.first + n) return [numbered('change', sealed.numbers[n]), row];
    const outcome = outcomeOf(entries[n], receipt.first + n, receipt.entries[n]);
    // The feed has told what became of it where it came first.
    if (row.outcome && onlyRepeats(outcome)) return [numbered('change', sealed.numbers[n]), row];
    return [numbered('change', sealed.numbers[n]), { ...row, outcome, settled: !needsALook(outcome) }];
  });
  const set = [numbered('set', manifest.seq), { ...sealed, receipt: token, received }];
  // A receipt that is sent again is old: its time would put later captures too early.
  const fresh = answer.status === 201;
  const heard = { epoch: head.epoch, index: receipt.last, time: received };
  const anchor = fresh ? await kit.anchorRow(answer, heard) : [];
  await kit.journal.write([set, ...kept, ...(await kit.headRow(head)), ...anchor]);
  return kept.map(([, row]) => row.outcome.verdict);
}

