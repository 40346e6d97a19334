/** Making one change: fields are sorted into the public line and the private lines by their declaration. */

import { PRIVATE_KINDS, SALT_BYTES, changeLine, privateLine, readChange } from './changes.js';
import { BadValue, UnknownField, UnknownType } from './errors.js';
import { uuid7 } from './ids.js';

/**
 * What must be known of the record types to write a change.
 * @typedef {Record<string, {initial?: string, fields: Record<string, {private?: string, many?: boolean}>}>} Types
 */

/**
 * Return what compose needs, from the description of every type in generated/records.json.
 * @param {Record<string, any>} described
 * @returns {Types}
 */
export function typesOf(described) {
  const fieldOf = ({ private: kind, many }) => ({ ...(kind ? { private: kind } : {}), many });
  const types = Object.values(described).map(({ type, stages, fields }) => {
    const known = Object.fromEntries(fields.map((field) => [field.name, fieldOf(field)]));
    return [type, { initial: stages[0]?.name, fields: known }];
  });
  return Object.fromEntries(types);
}

/**
 * @typedef {object} Draft a change before it is a line: values by field, whether public or private
 * @property {'create' | 'edit' | 'void' | 'restore' | 'resolve'} op
 * @property {string} type
 * @property {string} record
 * @property {Record<string, any>} [set]
 * @property {Record<string, any[]>} [add]
 * @property {Record<string, any[]>} [remove]
 * @property {[string, number] | null} [base]
 * @property {string[]} [over]
 * @property {string} [tx]
 */

/**
 * Return the change that a draft makes, read back from the lines as they will travel.
 *
 * Throws UnknownType, UnknownField or BadValue for a draft that cannot be sorted, NotCanonical and Malformed
 * for values that cannot travel.
 * @param {Draft} draft
 * @param {{types: Types, at: Record<string, any>, random: (count: number) => Uint8Array}} by
 * @returns {Record<string, any>} as readChange
 */
export function compose(draft, { types, at, random }) {
  const declared = types[draft.type];
  if (!declared) throw new UnknownType(`${draft.type} is no record type of this app`, { field: 'type' });
  const parts = sortedParts(draft, declared.fields);
  const lines = PRIVATE_KINDS.filter((kind) => parts[kind]).map((kind) =>
    privateLine({ kind, salt: random(SALT_BYTES), ...parts[kind] }),
  );
  const { op, type, record, base, over, tx } = draft;
  const change = { id: uuid7(at.wall, random), op, type, record, base, at, over, tx, ...parts.public };
  const line = changeLine(change, random(SALT_BYTES), lines);
  return readChange(line, lines);
}

/** Return {public | person | file_key: {set, add, remove}} as far as there is something. */
function sortedParts(draft, fields) {
  const parts = {};
  for (const which of ['set', 'add', 'remove']) {
    for (const [name, value] of Object.entries(draft[which] ?? {})) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!field) throw new UnknownField(`${draft.type} has no field ${name}`, { field: name });
      if (Boolean(field.many) !== (which !== 'set')) {
        throw new BadValue(`${name} is written by ${field.many ? 'add and remove' : 'set'}`, { field: name });
      }
      if (which !== 'set' && !value.length) continue;
      const part = (parts[field.private ?? 'public'] ??= {});
      (part[which] ??= {})[name] = value;
    }
  }
  return parts;
}

/**
 * Return {set, add} of plain values by the declaration: a list for a set-field is what it adds, null is nothing.
 * @param {Types} types
 * @param {string} type
 * @param {Record<string, any>} values
 * @returns {{set: Record<string, any>, add: Record<string, any[]>}}
 */
export function split(types, type, values) {
  /** @type {Record<string, any>} */
  const set = {};
  /** @type {Record<string, any[]>} */
  const add = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    if (types[type]?.fields[name]?.many) add[name] = value;
    else set[name] = value;
  }
  return { set, add };
}
