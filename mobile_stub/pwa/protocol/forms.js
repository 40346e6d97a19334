/**
 * The forms of the wire's members: each returns its value, or throws Malformed naming the member at fault.
 *
 * A form is a function (value, name) -> value. `strict` refuses members that it does not know (what a phone
 * sends), `open` passes them over (what a server says: the oldest phone must understand the newest server).
 */

import { Malformed } from './errors.js';
import { INTEGER_MAX, isObject, unb64u } from './lines.js';

export const CODE = /^[A-Za-z0-9][A-Za-z0-9_.\-/]{0,63}$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const DIGEST = /^[0-9a-f]{64}$/;
export const EPOCH = /^[0-9a-f]{32}$/;
export const SALT = /^[A-Za-z0-9_-]{22}$/;
export const SESSION = /^[A-Za-z0-9_.-]{0,64}$/;
export const ORIGIN = /^[a-z0-9.-]+(?::[0-9]+)?(?:\/[a-z0-9.-]+)+$/;
export const TIME_MS_MAX = 4_102_444_800_000;

/** @typedef {(value: any, name: string) => any} Form */

/**
 * A text that matches a pattern whole.
 * @param {RegExp} pattern
 * @returns {Form}
 */
export const matching = (pattern) => (value, name) => {
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new Malformed(`${name} does not have its form`, { field: name });
  }
  return value;
};

export const uuid = matching(UUID);
export const digest = matching(DIGEST);
export const epoch = matching(EPOCH);
export const salt = matching(SALT);
export const token = matching(CODE);
export const origin = matching(ORIGIN);
export const session = matching(SESSION);

/**
 * A whole number in a range.
 * @param {number} [low]
 * @param {number} [high]
 * @returns {Form}
 */
export const whole = (low = 0, high = INTEGER_MAX) => (value, name) => {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    throw new Malformed(`${name} is not a whole number in its range`, { field: name });
  }
  return value;
};

/** Unix ms. */
export const instant = whole(0, TIME_MS_MAX);

/** @type {Form} any text */
export const words = (value, name) => {
  if (typeof value !== 'string') throw new Malformed(`${name} is not a text`, { field: name });
  return value;
};

/** @type {Form} true or false */
export const truth = (value, name) => {
  if (typeof value !== 'boolean') throw new Malformed(`${name} is neither true nor false`, { field: name });
  return value;
};

/** @type {Form} anything but nothing */
export const anything = (value, name) => {
  if (value === null || value === undefined) throw new Malformed(`${name} is empty`, { field: name });
  return value;
};

/**
 * One of some words.
 * @param {readonly string[]} choices
 * @returns {Form}
 */
export const oneOf = (choices) => (value, name) => {
  if (!choices.includes(value)) throw new Malformed(`${name} is none of its words`, { field: name });
  return value;
};

/**
 * Bytes in base64url.
 * @param {number} [length]
 * @returns {Form} which returns the bytes
 */
export const raw = (length) => (value, name) => {
  try {
    return unb64u(words(value, name), length);
  } catch {
    throw new Malformed(`${name} is not base64url of its length`, { field: name });
  }
};

/**
 * A list of one form.
 * @param {Form} form
 * @param {{min?: number, max?: number}} [bounds]
 * @returns {Form}
 */
export const list = (form, { min = 0, max = 100_000 } = {}) => (value, name) => {
  if (!Array.isArray(value) || value.length < min || value.length > max) {
    throw new Malformed(`${name} is not a list of ${min} to ${max}`, { field: name });
  }
  return value.map((member) => form(member, name));
};

/**
 * An object whose keys are codes and whose values have one form.
 * @param {Form} form
 * @param {{min?: number, max?: number, key?: RegExp}} [bounds]
 * @returns {Form}
 */
export const table = (form, { min = 0, max = 100_000, key = CODE } = {}) => (value, name) => {
  if (!isObject(value)) throw new Malformed(`${name} is not an object`, { field: name });
  const keys = Object.keys(value);
  if (keys.length < min || keys.length > max || !keys.every((one) => key.test(one))) {
    throw new Malformed(`${name} has not ${min} to ${max} members`, { field: name });
  }
  return Object.fromEntries(keys.map((one) => [one, form(value[one], `${name}.${one}`)]));
};

/**
 * May be left out, but is never null.
 * @param {Form} form
 * @param {unknown} [otherwise] what stands for it when it is left out
 * @returns {Form}
 */
export const optional = (form, otherwise = undefined) => {
  const wrapped = (value, name) => (value === undefined ? otherwise : form(value, name));
  return wrapped;
};

/**
 * May be null.
 * @param {Form} form
 * @returns {Form}
 */
export const nullable = (form) => (value, name) => (value === null ? null : form(value, name));

/**
 * An object with exactly these members.
 * @param {Record<string, Form>} members
 * @returns {Form}
 */
export const strict = (members) => (value, name) => {
  const found = open(members)(value, name);
  const stranger = Object.keys(value).find((key) => !Object.hasOwn(members, key));
  if (stranger !== undefined) throw new Malformed(`${stranger} is not known here`, { field: stranger });
  return found;
};

/**
 * An object with these members; others are passed over.
 * @param {Record<string, Form>} members
 * @returns {Form}
 */
export const open = (members) => (value, name) => {
  if (!isObject(value)) throw new Malformed(`${name} is not an object`, { field: name });
  const found = {};
  for (const [key, form] of Object.entries(members)) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const made = form(given, key);
    if (made !== undefined) found[key] = made;
  }
  return found;
};
