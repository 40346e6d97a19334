/**
 * The receipt: proof for one phone that each of its changes stands in the signed tree.
 *
 * From the compact range at `first` and its own entry lines the phone computes the root at `last` + 1, follows
 * one consistency proof to the checkpoint and another back to what it had seen; so nothing that was
 * acknowledged can be missing or altered without being noticed.
 */

import * as checkpoint from './checkpoint.js';
import { readEntry } from './entries.js';
import { BadProof, Malformed } from './errors.js';
import * as forms from './forms.js';
import { encode, unhex } from './lines.js';
import { CompactRange, HASH_BYTES, leafHash, verifyConsistency } from './merkle.js';
import { RECEIPT, keyId, peek, verify as verifyJws } from './signing.js';

const FORM = forms.strict({
  v: forms.whole(1, 1),
  origin: forms.words,
  device: forms.words,
  seq: forms.whole(),
  set: forms.words,
  first: forms.whole(),
  last: forms.whole(-1),
  entries: forms.list(forms.words),
  range: forms.list(forms.raw(HASH_BYTES)),
  checkpoint: forms.words,
  seen: forms.whole(),
  from_seen: forms.list(forms.raw(HASH_BYTES)),
  to_checkpoint: forms.list(forms.raw(HASH_BYTES)),
});

/**
 * @typedef {object} Expected what the phone knows of the set that it sent
 * @property {string} origin
 * @property {string} device
 * @property {number} seq
 * @property {string} manifest digest
 * @property {string[]} changes digests of the sent change lines, in order
 * @property {{epoch: string, size: number, root: string}} [seen] as the manifest states it
 * @property {{epoch: string, size: number, root: string}} [start] what `seen` comes to in the present epoch, where it
 *   is of an earlier one and the phone followed a recovery
 */

/**
 * Return {receipt, entries, head} of a receipt that holds; throws BadSignature, BadProof or Malformed.
 * @param {string} token
 * @param {Uint8Array[]} keys the pinned ledger keys, raw
 * @param {Expected} expected
 * @returns {{receipt: any, entries: any[], head: checkpoint.Checkpoint}}
 */
export function verify(token, keys, expected) {
  const { kid } = peek(token, RECEIPT);
  const key = keys.find((one) => keyId(one) === kid);
  if (!key) throw new BadProof('the receipt names a ledger key that is not pinned');
  const receipt = parse(verifyJws(token, RECEIPT, key));
  isAbout(receipt, expected);
  const head = checkpoint.verify(receipt.checkpoint, keys);
  if (head.origin !== expected.origin) throw new BadProof("the receipt leads to another ledger's head");
  const tree = new CompactRange(receipt.first, receipt.range);
  goesOn(receipt, expected.start ?? expected.seen, head, tree.root());
  for (const line of receipt.entries) tree.append(leafHash(line));
  verifyConsistency(tree.size, tree.root(), head.size, head.root, receipt.to_checkpoint);
  return { receipt, entries: entriesOf(receipt, expected), head };
}

/**
 * Return what a receipt's payload says; throws Malformed. Whether it holds is another question.
 * @param {Record<string, any>} payload
 * @returns {any}
 */
export function parse(payload) {
  const receipt = FORM(payload, 'receipt');
  if (receipt.last !== receipt.first + receipt.entries.length - 1) {
    throw new Malformed("the receipt's last does not fit its entries", { field: 'last' });
  }
  return receipt;
}

function isAbout(receipt, expected) {
  const told = [receipt.origin, receipt.device, receipt.seq, receipt.set, receipt.seen];
  const meant = [expected.origin, expected.device, expected.seq, expected.manifest, expected.seen?.size ?? 0];
  if (encode(told) !== encode(meant)) throw new BadProof('the receipt is for another change-set');
}

/** The tree that the receipt extends must be the one that the phone saw. */
function goesOn(receipt, seen, head, rootAtFirst) {
  if (!seen) {
    if (receipt.from_seen.length) throw new BadProof('a proof from what this phone never saw');
    return;
  }
  if (seen.epoch !== head.epoch) throw new BadProof('the ledger is in another epoch than this phone saw');
  verifyConsistency(seen.size, unhex(seen.root), receipt.first, rootAtFirst, receipt.from_seen);
}

function entriesOf(receipt, expected) {
  const entries = receipt.entries.map(readEntry);
  if (entries.length !== expected.changes.length) throw new BadProof('the receipt does not list every change');
  entries.forEach((entry, n) => {
    const own = entry.change === expected.changes[n] && entry.set === expected.manifest && entry.n === n;
    if (!own) throw new BadProof(`entry ${n} is not that of the change that was sent`);
  });
  return entries;
}
