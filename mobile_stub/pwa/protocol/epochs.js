/**
 * Following a ledger into a new epoch after a disaster: by the recovery key's word alone, and with nothing forgotten.
 *
 * What the phone holds receipts for and the new epoch lacks is sent again as it was; the old receipts are kept for good,
 * shown to the server, and compared with what came back.
 */

import * as checkpoint from './checkpoint.js';
import { needsALook, outcomeOf, readEntry } from './entries.js';
import { BadProof, KeyCompromised } from './errors.js';
import { readConsistency } from './feed.js';
import { numberOf, numbered } from './journal.js';
import { checkKeys, readKeys } from './keys.js';
import { bytes, digest, unhex } from './lines.js';
import { leafHash, verifyConsistency } from './merkle.js';
import { parse } from './receipt.js';
import { Epochs, KIND, bodyLine, readRecovery } from './recoveries.js';
import { RECEIPT, peek } from './signing.js';
import { JOSE } from './transport.js';
import { NotTheServer, ServerRefused } from './trouble.js';

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * Do a part of a sync; where the ledger speaks from another epoch, follow it there and do the part once more.
 * @param {Kit} kit
 * @param {(changed: Record<string, any>) => void} tell told of the change of epoch
 * @param {() => Promise<void>} act
 */
export async function following(kit, tell, act) {
  try {
    return await act();
  } catch (error) {
    const told = error instanceof ServerRefused && error.code === 'epoch_changed';
    const proven = error instanceof BadProof && error.facts.epoch !== undefined;
    if (!told && !proven) throw error;
    tell(await adopt(kit, { proven }));
  }
  return act();
}

/**
 * Return what a set's `seen` comes to in the present epoch; undefined where it is of that epoch or saw nothing.
 * @param {Kit} kit
 * @param {import('./manifest.js').Manifest} manifest
 * @returns {Promise<import('./recoveries.js').Seen | undefined>}
 */
export async function carried(kit, { seen }) {
  const { epoch } = await kit.head();
  if (!seen || seen.epoch === epoch) return undefined;
  const opened = (await kit.journal.get('opened')) ?? [];
  const { recovery } = readKeys(await kit.journal.get('keys'), kit.me.ledger_pin);
  return new Epochs(opened.map((jws) => readRecovery(jws, recovery))).carried(seen, epoch) ?? undefined;
}

// -- the step into the new epoch -------------------------------------------------------------------------------

/** Verify the epoch that the ledger speaks from, take it for the phone's own in one step, and say what changed. */
async function adopt(kit, { proven }) {
  const old = await kit.head();
  const found = await keyList(kit);
  if (found.epoch === old.epoch) {
    if (proven) throw new BadProof('the ledger signs for another epoch than the one that it lists');
    throw new NotTheServer('the server speaks of another epoch and lists this one');
  }
  const opened = found.epochs.map(({ statement, entry }) => ({ ...readRecovery(statement, found.recovery), entry }));
  if (opened.some(({ origin }) => origin !== kit.me.origin)) throw new BadProof('an epoch of another ledger');
  /** @type {any[] | null} */
  const path = new Epochs(opened).path(old.epoch, found.epoch);
  if (!path?.length) throw new BadProof(`the recovery key has not opened the epoch ${found.epoch} from ${old.epoch}`);
  const fresh = await newHead(kit, found);
  const bound = Math.min(...path.map(({ fork }) => fork.size));
  for (const step of path) {
    await startsAt(kit, { size: step.fork.size, root: unhex(step.fork.root) }, fresh);
    await hasEntry(kit, step, found.chain);
  }
  const receipts = await heldReceipts(kit);
  const heads = [old, ...receipts.map(({ said }) => checkpoint.parse(said.checkpoint))];
  const below = heads.filter(({ size }) => size > 0 && size <= bound).sort((one, other) => other.size - one.size);
  if (below.length) await startsAt(kit, below[0], fresh);
  const lost = receipts.filter(({ said }) => said.last >= bound);
  const changed = { from: old.epoch, to: found.epoch, fork: bound, at: path.at(-1).at, sets_to_send_again: lost.length };
  await takeOver(kit, { found, fresh, bound, receipts, lost, changed });
  return changed;
}

/** @returns {Promise<any>} the present key list; its serial may lie below the one at hand, as keys were lost as well. */
async function keyList(/** @type {Kit} */ kit) {
  const answer = await kit.transport.ask('GET', '/v1/keys', { signed: false });
  try {
    const found = readKeys(answer.jws(), kit.me.ledger_pin);
    checkKeys(found, null, { origin: kit.me.origin, recoveryPin: kit.me.recovery_pin });
    return found;
  } catch (error) {
    if (error instanceof KeyCompromised) await kit.journal.write([['repin', true]]);
    throw error;
  }
}

async function newHead(kit, { epoch, chain }) {
  const answer = await kit.transport.ask('GET', '/ledger/checkpoint', { signed: false });
  const head = checkpoint.verify(answer.text(), chain);
  if (head.origin !== kit.me.origin || head.epoch !== epoch) {
    throw new BadProof(`the checkpoint is that of ${checkpoint.nameOf(head)}`);
  }
  return head;
}

/** Return if a tree that was there before is a prefix of the new one; throws BadProof. */
async function startsAt(kit, { size, root }, fresh) {
  if (size > fresh.size) throw new BadProof('the new epoch is smaller than what it begins with');
  let nodes = [];
  if (size !== fresh.size) {
    const answer = await kit.transport.ask('GET', `/ledger/proof?from=${size}&to=${fresh.size}`);
    nodes = readConsistency(answer.json(), size, fresh.size);
  }
  verifyConsistency(size, root, fresh.size, fresh.root, nodes);
}

/** Return if the epoch's own entry stands right behind the fork, under a head by a pinned key. */
async function hasEntry(kit, { jws, entry: line, fork }, keys) {
  const entry = readEntry(line);
  if (entry.kind !== KIND || entry.change !== digest(bodyLine(jws))) {
    throw new BadProof('the entry of an epoch does not commit to its statement');
  }
  const answer = await kit.transport.ask('GET', `/ledger/proof?index=${fork.size}`);
  const { index } = checkpoint.verifyProofText(answer.text(), leafHash(line), keys);
  if (index !== fork.size) throw new BadProof("the proof is for another entry than the epoch's");
}

/** Return the receipts that this phone holds, with the rows of their sets; each was verified when it came. */
async function heldReceipts(kit) {
  const rows = [...(await kit.journal.rows('former/')), ...(await kit.journal.rows('set/'))];
  const held = rows.filter(([, set]) => set.receipt);
  return held.map(([key, set]) => ({ key, set, said: parse(peek(set.receipt, RECEIPT).payload) }));
}

async function takeOver(kit, { found, fresh, bound, receipts, lost, changed }) {
  const rows = new Map();
  const changes = new Map(await kit.journal.rows('change/'));
  const known = (await kit.journal.get('lost')) ?? [];
  const again = new Set(known);
  for (const { key, set } of lost) {
    const { receipt, received, ...sealed } = set;
    for (const at of rowsOf(changes, set)) rows.set(at, unjudged(changes.get(at), key.startsWith('former/')));
    // Of the device whose place this one took: what was in it goes again in sets of this one.
    if (key.startsWith('former/')) continue;
    rows.set(key, sealed);
    again.add(numberOf(key));
    rows.set(numbered('lost', numberOf(key)), { receipt, shown: false });
  }
  for (const one of receipts.filter((each) => !lost.includes(each))) {
    for (const [at, row] of judgedBefore(changes, one, bound)) rows.set(at, row);
  }
  const copies = (await kit.journal.rows('record/')).map(([, copy]) => copy.id);
  await kit.journal.write([
    ...rows,
    ['lost', [...again].sort((one, other) => one - other)],
    ['head', fresh.note],
    ['keys', found.jws],
    ['opened', found.epochs.map(({ statement }) => statement)],
    // Every copy is taken anew: what the ledger does not hold any more is put out of sight.
    ['doubted', copies],
    ['cursor', ''],
    ['epoch', changed],
  ]);
}

const rowsOf = (changes, set) => set.numbers.map((n) => numbered('change', n)).filter((key) => changes.has(key));

function unjudged({ outcome, settled, seq, ...row }, isFormer) {
  return isFormer ? row : { ...row, seq };
}

/** Take back what later entries said of changes whose receipts stand: those entries were lost. */
function judgedBefore(changes, { set, said }, bound) {
  return rowsOf(changes, set).flatMap((key) => {
    const row = changes.get(key);
    if ((row.outcome?.index ?? -1) < bound) return [];
    const place = said.entries.findIndex((line) => readEntry(line).change === digest(row.line));
    const outcome = outcomeOf(readEntry(said.entries[place]), said.first + place, said.entries[place]);
    return [[key, { ...row, outcome, settled: !needsALook(outcome) }]];
  });
}

// -- what was lost -----------------------------------------------------------------------------------------------

/** @param {Kit} kit @param {number} seq @returns {Promise<boolean>} whether a set was acknowledged once, and lost */
export async function isLost(kit, seq) {
  return ((await kit.journal.get('lost')) ?? []).includes(seq);
}

/** Show the server the receipts of what was lost, so that it knows what it once had; each once. @param {Kit} kit */
export async function showReceipts(kit) {
  for (const [key, kept] of await kit.journal.rows('lost/')) {
    if (kept.shown) continue;
    const headers = { 'Content-Type': JOSE };
    await kit.transport.ask('POST', '/v1/receipts', { body: bytes(kept.receipt), headers, good: [204] });
    await kit.journal.write([[key, { ...kept, shown: true }]]);
  }
}

/**
 * Return how the change of epoch stands: what is back, what waits, and every entry that is missing; null: none was.
 * @param {Kit} kit
 * @returns {Promise<Record<string, any> | null>}
 */
export async function recovered(kit) {
  const changed = await kit.journal.get('epoch');
  if (!changed) return null;
  const told = { ...changed, back: 0, waiting: 0, missing: [] };
  for (const [key, { receipt }] of await kit.journal.rows('lost/')) {
    const seq = numberOf(key);
    const said = parse(peek(receipt, RECEIPT).payload);
    const set = await kit.journal.get(numbered('set', seq));
    if (!set?.receipt) {
      told.waiting += said.entries.length;
      continue;
    }
    const held = new Set(changesIn(parse(peek(set.receipt, RECEIPT).payload)));
    changesIn(said).forEach((change, n) => {
      if (held.has(change)) told.back += 1;
      else told.missing.push({ seq, n, entry: said.first + n, change });
    });
  }
  return told;
}

const changesIn = ({ entries }) => entries.map((line) => readEntry(line).change);
