/** Searching what is at hand, without a network: every word typed must stand somewhere in what is searched; pure. */

import { narrow } from './typed.js';

/** @param {any} text @returns {string} in the form in which texts are compared */
export const plain = (text) => narrow(String(text ?? '')).toLowerCase();

/**
 * Return the things in which every word stands, those first whose first text begins with what was typed.
 * @template T
 * @param {T[]} things
 * @param {string} typed
 * @param {(thing: T) => any[]} texts what of a thing is searched, the most telling first
 * @returns {T[]}
 */
export function search(things, typed, texts) {
  const words = plain(typed).split(/[\s\u3000]+/).filter(Boolean);
  if (!words.length) return things;
  const found = things.flatMap((thing) => {
    const known = texts(thing).map(plain);
    const all = known.join('\n');
    if (!words.every((word) => all.includes(word))) return [];
    return [{ thing, first: Number(!known.some((text) => text.startsWith(words[0]))) }];
  });
  return found.sort((one, other) => one.first - other.first).map(({ thing }) => thing);
}
