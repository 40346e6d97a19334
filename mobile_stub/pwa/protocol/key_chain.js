/**
 * The chain of ledger keys: each is introduced by a statement (wl-statement) that the one before it signed.
 */

import { BadSignature, KeyCompromised, Malformed } from './errors.js';
import { digest, unb64u } from './lines.js';
import { STATEMENT, keyId, peek, verify } from './signing.js';

export const LEDGER_KEY = 'ledger_key';
const CHAIN_MAX = 64;

/**
 * Return the raw keys that a pinned one leads to, itself first and the newest last.
 *
 * Statements of other kinds, and of keys before the pinned one, are passed over. Throws BadSignature or Malformed for
 * one that names a key of the chain and was not made by it.
 * @param {Uint8Array} pinned
 * @param {string[]} statements oldest first
 * @param {string} origin
 * @returns {Uint8Array[]}
 */
export function follow(pinned, statements, origin) {
  const chain = [pinned];
  for (const statement of statements) {
    const said = peek(statement, STATEMENT).payload;
    const last = chain.at(-1);
    if (said.kind !== LEDGER_KEY || said.before !== digest(last)) continue;
    verify(statement, STATEMENT, last);
    const following = introduced(said, origin);
    if (chain.some((key) => digest(key) === digest(following)) || chain.length >= CHAIN_MAX) {
      throw new Malformed('the chain of ledger keys does not end', { field: 'statements' });
    }
    chain.push(following);
  }
  return chain;
}

function introduced(said, origin) {
  if (said.v !== 1 || said.origin !== origin || !Number.isSafeInteger(said.since)) {
    throw new BadSignature('the statement is that of another ledger or version');
  }
  try {
    return unb64u(said.key, 32);
  } catch {
    throw new Malformed('the statement introduces no key', { field: 'statements' });
  }
}

/**
 * Return unless a key of the chain is one whose word is worth nothing any more; throws KeyCompromised.
 * @param {Uint8Array[]} chain
 * @param {string[]} compromised digests
 */
export function refuseCompromised(chain, compromised) {
  if (chain.some((key) => compromised.includes(digest(key)))) {
    throw new KeyCompromised('the ledger key that this phone pinned was compromised');
  }
}

/**
 * Return the key that a token names by its kid, the newest where it names none of them; nothing is verified.
 * @param {string} token
 * @param {string} typ
 * @param {Uint8Array[]} keys at least one, oldest first
 * @returns {Uint8Array}
 */
export function makerOf(token, typ, keys) {
  const { kid } = peek(token, typ);
  return keys.find((key) => keyId(key) === kid) ?? keys.at(-1);
}
