/**
 * One page of the feed: the records in a phone's scope that changed, each held against its ledger entry.
 *
 * Nothing here believes the server: a BadProof or BadSignature means that the ledger contradicts what this
 * phone has seen or pinned, and the caller raises the alarm.
 */

import * as checkpoint from './checkpoint.js';
import { readPrivate } from './changes.js';
import { ADOPT, LIVES, RELEASE, SET_ASIDE, afterDigest, outcomeOf, readEntry } from './entries.js';
import { BadProof, Malformed } from './errors.js';
import * as forms from './forms.js';
import { digest, encode, hex } from './lines.js';
import { HASH_BYTES, leafHash, verifyConsistency } from './merkle.js';
import { FEED, verify } from './signing.js';

export const ITEMS_MAX = 1_000;
const NODES_MAX = 128;
const CURSOR_CHARS_MAX = 500;
const nodes = forms.list(forms.raw(HASH_BYTES), { max: NODES_MAX });
const values = forms.table((value) => value);

/** One of the values that stand against each other in an open conflict. */
const SIDE = forms.open({
  change: forms.uuid,
  index: forms.whole(),
  by: forms.words,
  at: forms.instant,
  value: forms.anything,
});

const ITEM = forms.open({
  id: forms.uuid,
  type: forms.token,
  version: forms.whole(),
  life: forms.oneOf(LIVES),
  root: forms.uuid,
  region: forms.words,
  created_by: forms.optional(forms.words, ''),
  fields: values,
  digests: forms.optional(values, {}),
  private: forms.optional(forms.list(forms.words), []),
  erased: forms.optional(forms.list(forms.digest), []),
  members: forms.optional(forms.table(forms.list((value) => value)), {}),
  entry: forms.optional(forms.nullable(forms.whole()), null),
  contested: forms.optional(forms.table(forms.list(SIDE)), {}),
});

const PAGE = forms.open({
  v: forms.whole(1, 1),
  device: forms.uuid,
  after: forms.optional(forms.nullable(forms.words), ''),
  cursor: forms.words,
  more: forms.truth,
  time: forms.instant,
  epoch: forms.epoch,
  head: forms.whole(-1),
  checkpoint: forms.words,
  proof: nodes,
  items: forms.list(ITEM, { max: ITEMS_MAX }),
  entries: forms.optional(forms.table(forms.words, { key: /^[0-9]{1,16}$/ }), {}),
  evict: forms.optional(forms.list(forms.uuid), []),
  outcomes: forms.optional(forms.list(forms.open({ change: forms.uuid, index: forms.whole() })), []),
  sums: forms.optional(forms.nullable(forms.table(forms.digest)), null),
});

/**
 * Return the page for this device and cursor that the ledger key signed; throws BadSignature, BadProof, Malformed.
 * @param {string} jws
 * @param {Uint8Array} key the pinned ledger key
 * @param {{device: string, after: string}} asked after: the cursor of the request, empty for the first page
 * @returns {Record<string, any>}
 */
export function readFeed(jws, key, { device, after }) {
  const page = PAGE(verify(jws, FEED, key), 'feed');
  if (!page.cursor || page.cursor.length > CURSOR_CHARS_MAX) throw new Malformed('no cursor', { field: 'cursor' });
  if (page.device !== device || (page.after ?? '') !== after) {
    throw new BadProof('the feed page answers another request');
  }
  return page;
}

/**
 * Return if the page's entries are covered by its own checkpoint; throws BadProof.
 * @param {Record<string, any>} page
 */
export function checkCover(page) {
  const head = checkpoint.parse(page.checkpoint);
  if (page.epoch !== head.epoch || page.head >= head.size) {
    throw new BadProof('the feed page speaks of entries that its checkpoint does not cover');
  }
}

/**
 * Return the newest head after a note was heard: the note's if it extends `known`, else `known`.
 *
 * Throws BadSignature or BadProof for another epoch or no one tree; a smaller head must be an ancestor.
 * @param {checkpoint.Checkpoint} known
 * @param {string} note
 * @param {Uint8Array[]} keys raw
 * @param {(old: number, size: number) => Promise<Uint8Array[]> | Uint8Array[]} proof asked when sizes differ
 * @returns {Promise<checkpoint.Checkpoint>}
 */
export async function nextHead(known, note, keys, proof) {
  const heard = checkpoint.verify(note, keys);
  if (heard.origin !== known.origin || heard.epoch !== known.epoch) {
    // Another epoch may be followed, but by the recovery key's word alone.
    const facts = heard.origin === known.origin ? { epoch: heard.epoch } : {};
    throw new BadProof(`the ledger speaks for ${checkpoint.nameOf(heard)}`, facts);
  }
  const [old, larger] = heard.size >= known.size ? [known, heard] : [heard, known];
  const path = old.size === larger.size ? [] : await proof(old.size, larger.size);
  verifyConsistency(old.size, old.root, larger.size, larger.root, path);
  return larger.size > known.size ? larger : known;
}

const CONSISTENCY = forms.open({ from: forms.whole(), to: forms.whole(), proof: nodes });

/**
 * Return the nodes of an answer of GET /ledger/proof?from=&to=; throws Malformed or BadProof.
 * @param {unknown} body
 * @param {number} old
 * @param {number} size
 * @returns {Uint8Array[]}
 */
export function readConsistency(body, old, size) {
  const found = CONSISTENCY(body, 'proof');
  if (found.from !== old || found.to !== size) throw new BadProof('the consistency proof is between other sizes');
  return found.proof;
}

// -- one record ------------------------------------------------------------------------------------------

/**
 * Return what a journal keeps of an item once it was checked; throws BadProof.
 *
 * values are the public fields and what the private lines reveal; base is what a change made on it names.
 * @param {Record<string, any>} item
 * @param {Record<string, any>} page
 * @returns {Record<string, any>}
 */
export function checkedCopy(item, page) {
  const entry = entryOf(item, page.entries);
  const lines = privateLines(item);
  const copy = {
    id: item.id,
    type: item.type,
    root: item.root,
    region: item.region,
    version: item.version,
    life: item.life,
    created_by: item.created_by,
    epoch: page.epoch,
    values: { ...item.fields, ...revealed(item, lines) },
    digests: item.digests,
    contested: item.contested,
  };
  if (!entry) return copy;
  checkAfter(item, entry);
  return { ...copy, entry: item.entry, entry_line: page.entries[item.entry] };
}

/**
 * Return the entry that an item names, null for an item without one; throws BadProof if it is another's.
 * @param {Record<string, any>} item
 * @param {Record<string, string>} entries
 * @returns {Record<string, any> | null}
 */
export function entryOf(item, entries) {
  if (item.entry === null) return null;
  const line = entries[String(item.entry)];
  if (line === undefined) throw new BadProof(`the feed names entry ${item.entry} without showing it`);
  let entry;
  try {
    entry = readEntry(line);
  } catch {
    throw new BadProof(`entry ${item.entry} of the feed is none`);
  }
  const own = entry.record === item.id && entry.type === item.type;
  if (!own && entry.kind !== 'import') throw new BadProof(`entry ${item.entry} is that of another record`);
  if (item.entry > item.version) throw new BadProof(`entry ${item.entry} is younger than the version it led to`);
  return entry;
}

/**
 * Return the outcome that an own change got by a later entry; throws BadProof if that entry is not about it.
 *
 * heard: the feed told it, no receipt has shown the entry in the tree
 * @param {{id: string, line: string, outcome?: Record<string, any>}} change
 * @param {number} index
 * @param {Record<string, any>} page
 * @returns {Record<string, any>}
 */
export function judgedAgain(change, index, page) {
  const { entry, line } = shown(change, index, page);
  const isOf = (one) => one.change === digest(change.line);
  if (entry.late === undefined) {
    if (entry.kind !== RELEASE || !isOf(entry)) throw new BadProof(`entry ${index} does not judge this change again`, { item: change.id });
    return { ...outcomeOf(entry, index, line), heard: true };
  }
  // A ruling is another change, the supervisor's own; it names the entry that this one was found late by. This phone
  // may not have heard of that one: a release, or the change as another device or a re-admitted set brought it.
  if (entry.late !== change.outcome?.index) {
    const late = shown(change, entry.late, page).entry;
    if (!isOf(late) || late.outcome.verdict !== 'late') {
      throw new BadProof(`entry ${index} does not rule on this change`, { item: change.id });
    }
  }
  if (entry.kind !== ADOPT) return { verdict: SET_ASIDE, index, entry: digest(line), heard: true };
  return { ...outcomeOf(entry, index, line), heard: true };
}

function shown(change, index, page) {
  const line = page.entries[String(index)];
  if (line === undefined) throw new BadProof(`the feed names entry ${index} without showing it`, { item: change.id });
  try {
    return { entry: readEntry(line), line };
  } catch {
    throw new BadProof(`entry ${index} of the feed is none`, { item: change.id });
  }
}

/** An entry without `after` commits to nothing: it changed nothing, or it is that of an import. */
function checkAfter(item, entry) {
  if (entry.after === undefined) return;
  const { id, type, life } = item;
  if (afterDigest({ id, type, life, fields: { ...item.fields, ...item.digests } }, entry.salt) !== entry.after) {
    throw new BadProof('a record is not what its ledger entry commits to', { item: id });
  }
}

/** Return an item's private lines by digest; one that this app cannot read hides its values only. */
function privateLines(item) {
  const found = new Map();
  for (const line of item.private) {
    try {
      const read = readPrivate(line);
      found.set(read.digest, read);
    } catch {
      continue;
    }
  }
  return found;
}

/** Return the private values that the lines hold; a value whose line was erased is left out. */
function revealed(item, lines) {
  const found = {};
  for (const [name, kept] of Object.entries(item.digests)) {
    if (Array.isArray(kept)) found[name] = members(name, kept, item.members[name] ?? [], lines);
    else if (Object.hasOwn(lines.get(kept)?.set ?? {}, name)) found[name] = lines.get(kept).set[name];
  }
  return found;
}

function members(name, digests, given, lines) {
  if (digests.length !== given.length) throw new BadProof(`${name} has not as many members as lines that hold them`);
  const standing = given.filter((value, n) => {
    const line = lines.get(digests[n]);
    if (line === undefined) return false;
    const added = (line.add[name] ?? []).map((one) => encode([one]));
    if (!added.includes(encode([value]))) {
      throw new BadProof(`a member of ${name} does not stand in the line that is said to hold it`);
    }
    return true;
  });
  return sorted(standing);
}

/**
 * Return values in the order in which sets stand: by their canonical bytes.
 * @param {any[]} given
 * @returns {any[]}
 */
export function sorted(given) {
  const keyed = given.map((value) => [hex(new TextEncoder().encode(encode([value]))), value]);
  return keyed.sort(([one], [other]) => (one < other ? -1 : Number(one > other))).map(([, value]) => value);
}

/**
 * Return the note of the head under which a copy's entry is proven to stand; throws BadProof or BadSignature.
 * @param {Record<string, any>} copy
 * @param {string} proof tlog-proof@v1
 * @param {Uint8Array[]} keys raw
 * @returns {string}
 */
export function checkPlace(copy, proof, keys) {
  const { index, head } = checkpoint.verifyProofText(proof, leafHash(copy.entry_line), keys);
  if (index !== copy.entry) throw new BadProof('the proof is for another entry', { item: copy.id });
  return head.note;
}

/** @param {string} line @returns {string} the digest by which an outcome remembers its entry */
export const entryDigest = (line) => digest(line);
