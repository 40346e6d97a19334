/** Names on a screen that others can see: the first sign and the last, the others as stars; pure. */

/** @param {string} name @returns {string} 张*三 */
export function masked(name) {
  const signs = [...(name ?? '')];
  if (signs.length < 2) return signs.length ? '*' : '';
  if (signs.length === 2) return `${signs[0]}*`;
  return `${signs[0]}${'*'.repeat(signs.length - 2)}${signs.at(-1)}`;
}
