/**
 * What somebody typed and what a record holds: from one to the other, and what is wrong with it; pure.
 *
 * `entered(field, value)` is what stands in the control, `taken(field, typed)` is `{value}` or `{fault}`. A fault is a
 * word that words_of_faults.js says in both languages; an empty control is no value, never an empty text.
 */

const YUAN = /^([0-9]{1,12})(?:\.([0-9]{1,2}))?$/;
const LOCAL = /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::[0-9]{2})?$/;
const ZONE_MS = 8 * 3_600_000;
const BLANKS = /^[\s\u3000]+|[\s\u3000]+$/g;

/** @param {string} text @returns {string} with full-width digits, points and signs as half-width ones */
export const narrow = (text) =>
  text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace(/。/g, '.');

/** @param {number} fen @returns {string} yuan as somebody types it: 1260.50 */
export const yuanTyped = (fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;

/** @param {number} ms @returns {string} what a control for day and time shows, in the ledger's zone */
export const momentTyped = (ms) => new Date(ms + ZONE_MS).toISOString().slice(0, 16);

/**
 * Return what stands in a field's control.
 * @param {any} field its declaration
 * @param {any} value undefined: nothing yet
 * @returns {any} a text; true or false for a flag; a list where the field is many; an object for a group
 */
export function entered(field, value) {
  if (field.many) return (value ?? []).map((one) => entered({ ...field, many: false }, one));
  if (field.kind === 'flag') return value ?? false;
  if (field.kind === 'group') return Object.fromEntries(field.parts.map((part) => [part.name, entered(part, value?.[part.name])]));
  if (field.kind === 'position') return value ?? null;
  if (value === undefined || value === null) return '';
  if (field.kind === 'fen') return yuanTyped(value);
  if (field.kind === 'instant') return momentTyped(value);
  return String(value);
}

const KINDS = {
  text: taker((typed) => ({ value: typed })),
  code: taker((typed, field) => ({ value: codeOf(field, typed) })),
  id: taker((typed) => ({ value: typed })),
  digest: taker((typed) => ({ value: typed })),
  key: taker((typed) => ({ value: typed })),
  choice: taker((typed, { choices }) => (choices.some(({ value }) => value === typed) ? { value: typed } : { fault: 'choice' })),
  integer: taker((typed) => (/^-?[0-9]{1,15}$/.test(narrow(typed)) ? { value: Number(narrow(typed)) } : { fault: 'whole' })),
  fen: taker(amount),
  day: taker(day),
  instant: taker(instant),
};

function taker(take) {
  return (typed, field) => {
    const text = String(typed ?? '').replace(BLANKS, '');
    return text === '' ? { value: undefined } : take(text, field);
  };
}

const codeOf = ({ limits }, typed) => (limits.form === 'document' ? typed : narrow(typed));

function amount(typed) {
  const text = narrow(typed).replace(/^¥/, '').replace(/元$/, '').replace(/,(?=[0-9]{3}(?:[,.]|$))/g, '').trim();
  const found = YUAN.exec(text);
  return found ? { value: Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) } : { fault: 'amount' };
}

function day(typed) {
  const found = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(typed) ? new Date(`${typed}T00:00:00Z`) : null;
  const there = found && !Number.isNaN(found.getTime()) && found.toISOString().slice(0, 10) === typed;
  return there ? { value: typed } : { fault: 'day' };
}

function instant(typed) {
  const found = LOCAL.exec(typed);
  const ms = found ? Date.parse(`${found[1]}T${found[2]}:${found[3]}:00Z`) - ZONE_MS : Number.NaN;
  return Number.isNaN(ms) ? { fault: 'instant' } : { value: ms };
}

/**
 * Return what a field takes from its control: `{value}`, undefined where nothing stands there, or `{fault, about?}`.
 * @param {any} field
 * @param {any} typed
 * @returns {{value?: any, fault?: string, limit?: number, at?: string}}
 */
export function taken(field, typed) {
  const found = field.many ? many(field, typed ?? []) : one(field, typed);
  const empty = found.value === undefined || (field.many && !found.value.length);
  return !found.fault && field.required && empty ? { fault: 'required' } : found;
}

function one(field, typed) {
  if (field.kind === 'flag') return { value: Boolean(typed) };
  if (field.kind === 'position') return { value: typed ?? undefined };
  if (field.kind === 'group') return group(field, typed ?? {});
  const found = (KINDS[field.kind] ?? KINDS.text)(typed, field);
  return found.fault || found.value === undefined ? found : within(field, found.value);
}

function within({ kind, limits }, value) {
  const chars = [...String(value)].length;
  if (limits.chars_max !== undefined && chars > limits.chars_max) return { fault: 'chars_max', limit: limits.chars_max };
  if (limits.min !== undefined && value < limits.min) return { fault: 'min', limit: limits.min };
  if (limits.max !== undefined && value > limits.max) return { fault: 'max', limit: limits.max };
  // The pattern of a day and of an id is theirs by kind.
  const patterned = limits.pattern && ['code', 'id', 'digest', 'key'].includes(kind);
  if (patterned && !new RegExp(`^(?:${limits.pattern})$`, 'u').test(value)) return { fault: 'pattern' };
  return { value };
}

function many(field, typed) {
  const members = typed.map((member) => taken({ ...field, many: false, required: false }, member));
  const at = members.findIndex(({ fault }) => fault);
  if (at >= 0) return { ...members[at], at: String(at) };
  const values = members.map(({ value }) => value).filter((value) => value !== undefined);
  if (values.length > (field.limits.members_max ?? 1000)) return { fault: 'members_max', limit: field.limits.members_max };
  const once = new Map(values.map((value) => [JSON.stringify(value), value]));
  return { value: [...once.values()] };
}

function group(field, typed) {
  const found = {};
  let said = false;
  let wrong = null;
  for (const part of field.parts) {
    const got = taken(part, typed[part.name]);
    if (got.fault) wrong ??= { ...got, at: part.name };
    else if (got.value !== undefined && !(part.kind === 'flag' && !got.value)) {
      found[part.name] = got.value;
      said = true;
    } else if (part.kind === 'flag') found[part.name] = false;
  }
  if (!said && wrong?.fault !== 'pattern' && !filled(typed)) return { value: undefined };
  return wrong ?? { value: found };
}

const filled = (typed) => Object.values(typed).some((value) => value !== '' && value !== false && value !== null && value !== undefined);

/**
 * Return the values of a form and its faults by field.
 * @param {any[]} fields declarations
 * @param {Record<string, any>} typed by field
 * @param {{needs?: any[], before?: Record<string, any>}} [more] needs: the type's; before: what the record holds now
 * @returns {{values: Record<string, any>, faults: Record<string, {fault: string, limit?: number, at?: string}>}}
 */
export function read(fields, typed, { needs = [], before = {} } = {}) {
  const values = {};
  const faults = {};
  for (const field of fields) {
    const got = taken(field, typed[field.name]);
    if (got.fault) faults[field.name] = got;
    else if (got.value !== undefined && !untouched(field, got.value, before[field.name])) values[field.name] = got.value;
    // What a record holds may be written anew, but nothing on the wire says "no value any more".
    else if (before[field.name] !== undefined && !field.many) faults[field.name] = { fault: 'emptied' };
  }
  for (const name of missing(needs, { ...before, ...values })) {
    if (fields.some((field) => field.name === name)) faults[name] ??= { fault: 'required' };
  }
  return { values, faults };
}

/** A box that was never ticked says nothing, and neither does a list without members. */
const untouched = (field, value, before) =>
  field.many ? !value.length && !before?.length : field.kind === 'flag' && !value && before === undefined;

/** Return the fields that a value of another one asks for and that are not there. */
function missing(needs, values) {
  return needs.flatMap(({ name, words, names, any_of: anyOf }) => {
    if (!words.includes(values[name])) return [];
    const absent = names.filter((one) => values[one] === undefined || values[one]?.length === 0);
    return anyOf && absent.length < names.length ? [] : absent;
  });
}

/**
 * Return what an edit has to say: values that changed, and members that were taken out of sets.
 * @param {any[]} fields
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 * @returns {{values: Record<string, any>, remove: Record<string, any[]>, changed: boolean}}
 */
export function difference(fields, before, after) {
  const values = {};
  const remove = {};
  for (const { name, many: isSet } of fields) {
    if (!Object.hasOwn(after, name)) continue;
    if (isSet) {
      const added = without(after[name], before[name] ?? []);
      const gone = without(before[name] ?? [], after[name]);
      if (added.length) values[name] = added;
      if (gone.length) remove[name] = gone;
    } else if (JSON.stringify(after[name]) !== JSON.stringify(before[name])) values[name] = after[name];
  }
  return { values, remove, changed: Object.keys(values).length + Object.keys(remove).length > 0 };
}

function without(from, these) {
  const known = new Set(these.map((one) => JSON.stringify(one)));
  return from.filter((one) => !known.has(JSON.stringify(one)));
}
