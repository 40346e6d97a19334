/**
 * A change-set's text: manifest, change lines, private lines; written, taken apart, and read into nouns.
 *
 * A change remembers the very text it came in, because that is what is hashed, signed and stored.
 */

import { Malformed, TooLarge } from './errors.js';
import * as forms from './forms.js';
import { b64u, bytes, decode, digest, encode, hex, text } from './lines.js';
import { rootOfLines } from './merkle.js';

export const OPS = ['create', 'edit', 'void', 'restore', 'resolve'];
export const PRIVATE_KINDS = ['person', 'file_key'];
export const CHANGES_MAX = 1_000;
export const PRIVATE_LINES_MAX = 2;
export const FIELDS_MAX = 64;
export const MEMBERS_MAX = 1_000;
export const OVER_MAX = 64;
export const SALT_BYTES = 16;

const values = forms.table(forms.anything, { min: 1, max: FIELDS_MAX });
const members = forms.table(forms.list(forms.anything, { min: 1, max: MEMBERS_MAX }), { min: 1, max: FIELDS_MAX });

const ANCHOR = forms.strict({
  epoch: forms.epoch,
  index: forms.whole(),
  time: forms.instant,
  wall: forms.whole(),
  mono: forms.whole(),
  session: forms.session,
});

const AT = forms.strict({
  wall: forms.whole(),
  mono: forms.whole(),
  session: forms.session,
  anchor: forms.optional(ANCHOR),
});

/** [epoch, version] */
const base = (value, name) => {
  if (!Array.isArray(value) || value.length !== 2) throw new Malformed(`${name} is not a pair`, { field: name });
  return [forms.epoch(value[0], name), forms.whole()(value[1], name)];
};

const CHANGE = forms.strict({
  id: forms.uuid,
  op: forms.oneOf(OPS),
  type: forms.token,
  record: forms.uuid,
  base: forms.nullable(base),
  at: AT,
  salt: forms.salt,
  set: forms.optional(values),
  add: forms.optional(members),
  remove: forms.optional(members),
  over: forms.optional(forms.list(forms.uuid, { min: 1, max: OVER_MAX })),
  tx: forms.optional(forms.uuid),
  private: forms.optional(forms.list(forms.digest, { min: 1, max: PRIVATE_LINES_MAX })),
});

const PRIVATE = forms.strict({
  kind: forms.oneOf(PRIVATE_KINDS),
  salt: forms.salt,
  set: forms.optional(values),
  add: forms.optional(members),
  remove: forms.optional(members),
});

/**
 * @typedef {object} PrivateLine
 * @property {string} kind person or file_key
 * @property {Record<string, any>} set
 * @property {Record<string, any[]>} add
 * @property {Record<string, any[]>} remove
 * @property {string} line
 * @property {string} digest
 */

/**
 * Return the private line that a text holds; throws NotCanonical, TooLarge or Malformed.
 * @param {Uint8Array | string} line
 * @returns {PrivateLine}
 */
export function readPrivate(line) {
  const { kind, set = {}, add = {}, remove = {} } = PRIVATE(decode(line), 'private');
  return { kind, set, add, remove, line: typeof line === 'string' ? line : text(line), digest: digest(line) };
}

/**
 * Return the change that a line and its private lines hold; throws NotCanonical, TooLarge or Malformed.
 * @param {Uint8Array | string} line
 * @param {(Uint8Array | string)[]} [privateLines]
 * @returns {Record<string, any>} the line's members, `private` read, and its `line` and `digest`
 */
export function readChange(line, privateLines = []) {
  const body = CHANGE(decode(line), 'change');
  const promised = body.private ?? [];
  if (promised.length !== privateLines.length || privateLines.some((one, n) => digest(one) !== promised[n])) {
    throw new Malformed('the private lines are not those that the change commits to', { field: 'private' });
  }
  return whole(body, line, privateLines.map(readPrivate));
}

/**
 * Return a change of this phone's own as readChange does; of a private line that was erased nothing is left but its kind.
 * @param {string} line
 * @param {string[]} privateLines with tombstones among them
 * @returns {Record<string, any>}
 */
export function readKept(line, privateLines) {
  return whole(CHANGE(decode(line), 'change'), line, privateLines.map((one) => erasedIn(one) ?? readPrivate(one)));
}

/**
 * Return the line that takes an erased one's place, where a set is kept or sent.
 * @param {string} erased digest of the line
 * @param {string} kind
 * @returns {string}
 */
export function tombstone(erased, kind) {
  return encode({ erased, kind });
}

function erasedIn(line) {
  if (!line.startsWith('{"erased":"')) return null;
  const { erased, kind } = decode(line);
  return { kind, set: {}, add: {}, remove: {}, line, digest: erased };
}

function whole(body, line, inner) {
  if (new Set(inner.map((one) => one.kind)).size !== inner.length) {
    throw new Malformed('one private line of a kind', { field: 'private' });
  }
  return { ...body, private: inner, line: typeof line === 'string' ? line : text(line), digest: digest(line) };
}

/**
 * Return what a change writes under one member, over its public line and its private lines.
 * @param {Record<string, any>} change
 * @param {'set' | 'add' | 'remove'} which
 * @returns {Record<string, any>} {field: value} for set, {field: [value]} else
 */
export function written(change, which) {
  const found = { ...change[which] };
  for (const line of change.private) {
    for (const [name, value] of Object.entries(line[which])) {
      found[name] = which === 'set' ? value : [...(found[name] ?? []), ...value];
    }
  }
  return found;
}

/** Return an object without members that hold nothing; `base` alone may be null. */
function said(body) {
  const empty = (value) =>
    value === undefined ||
    (Array.isArray(value) && !value.length) ||
    (typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.keys(value).length);
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => name === 'base' || !empty(value)));
}

/**
 * Return a private line's text.
 * @param {{kind: string, salt: Uint8Array, set?: object, add?: object, remove?: object}} parts
 * @returns {string}
 */
export function privateLine({ kind, salt, set, add, remove }) {
  return encode(said({ kind, salt: b64u(salt), set, add, remove }));
}

/**
 * Return a change line's text; members that say nothing are left out.
 * @param {Record<string, any>} change id, op, type, record, base, at, and as wanted set, add, remove, over, tx
 * @param {Uint8Array} salt 16 random bytes
 * @param {string[]} [privateLines] in the order in which they will travel
 * @returns {string}
 */
export function changeLine(change, salt, privateLines = []) {
  const { id, op, type, record, at, set, add, remove, over, tx } = change;
  const commits = privateLines.map((line) => digest(line));
  const body = { id, op, type, record, base: change.base ?? null, at, set, add, remove, over, tx };
  return encode(said({ ...body, salt: b64u(salt), private: commits }));
}

/**
 * Return the manifest's `root` over the change lines.
 * @param {(Uint8Array | string)[]} changeLines
 * @returns {string}
 */
export function rootHex(changeLines) {
  return hex(rootOfLines(changeLines));
}

/**
 * Return the text of a change-set: the manifest, then each change line with its private lines.
 * @param {string} manifest compact JWS
 * @param {{line: string, private: string[]}[]} items
 * @returns {Uint8Array}
 */
export function textOf(manifest, items) {
  const rows = [manifest, ...items.flatMap((item) => [item.line, ...item.private])];
  return bytes(`${rows.join('\n')}\n`);
}

/**
 * Return [manifest, other lines as bytes] of a text; throws Malformed.
 *
 * Only the frame is checked here: a final LF, no CR, no BOM, no empty line. A line that is not UTF-8 is that
 * line's fault alone, hence the bytes.
 * @param {Uint8Array} raw
 * @returns {{manifest: string, rows: Uint8Array[]}}
 */
export function splitText(raw) {
  const bom = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf;
  if (raw.at(-1) !== 0x0a || raw.includes(0x0d) || bom) {
    throw new Malformed('the text must be lines ended by LF, without CR or BOM');
  }
  const rows = [];
  for (let at = 0; at < raw.length; ) {
    const end = raw.indexOf(0x0a, at);
    rows.push(raw.subarray(at, end));
    at = end + 1;
  }
  if (rows.some((row) => row.length === 0)) throw new Malformed('an empty line');
  if (rows[0].some((byte) => byte > 0x7f)) throw new Malformed('the first line is not a manifest');
  return { manifest: text(rows[0]), rows: rows.slice(1) };
}

/**
 * Return the lines of a text grouped to slots: a private line is one that has `kind` and no `op`.
 * @param {Uint8Array[]} rows the lines after the manifest
 * @returns {{line: Uint8Array, private: Uint8Array[]}[]}
 */
export function slotsOf(rows) {
  const slots = [];
  for (const row of rows) {
    const body = bodyOf(row);
    if (slots.length && 'kind' in body && !('op' in body)) slots.at(-1).private.push(row);
    else slots.push({ line: row, private: [] });
  }
  return slots;
}

/** Group lines as the changes say how many private lines they have: one that is spoilt is its own change's fault. */
function slotsAsSaid(rows) {
  const slots = [];
  let awaited = 0;
  for (const row of rows) {
    const body = bodyOf(row);
    if (slots.length && !('op' in body) && (awaited || 'kind' in body)) {
      slots.at(-1).private.push(row);
      awaited = Math.max(0, awaited - 1);
    } else {
      slots.push({ line: row, private: [] });
      awaited = Array.isArray(body.private) ? body.private.length : 0;
    }
  }
  return slots;
}

/** Return what a line holds, nothing if it cannot be read. */
function bodyOf(row) {
  try {
    return decode(row);
  } catch {
    return {};
  }
}

/**
 * Return the places of a set in order; a fault inside one line is that place's alone, as long as the
 * manifest's root holds. Throws Malformed where it does not: then nobody can tell which lines were meant.
 * @param {{count: number, root: string}} manifest
 * @param {Uint8Array[]} rows
 * @returns {{line: Uint8Array, digest: string, change?: Record<string, any>, fault?: Error}[]}
 */
export function readItems(manifest, rows) {
  if (manifest.count > CHANGES_MAX) throw new TooLarge(`a set has at most ${CHANGES_MAX} changes`);
  for (const group of [slotsOf, slotsAsSaid]) {
    const slots = group(rows);
    if (slots.length === manifest.count && rootHex(slots.map((slot) => slot.line)) === manifest.root) {
      return slots.map(readSlot);
    }
  }
  throw new Malformed('the lines are not those that the manifest commits to');
}

function readSlot(slot) {
  const place = { line: slot.line, digest: digest(slot.line) };
  try {
    return { ...place, change: readChange(slot.line, slot.private) };
  } catch (fault) {
    return { ...place, fault };
  }
}
