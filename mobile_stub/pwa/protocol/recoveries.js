/**
 * Epochs: how a ledger goes on after a disaster, and what a position in an earlier epoch means in a later one.
 *
 * A new epoch begins with the leaves of the one before up to the fork, and goes on with an entry of kind `recover`. It
 * is opened by a statement that the offline recovery key signs; nothing else makes anybody believe in it.
 */

import { BadProof, BadSignature } from './errors.js';
import * as forms from './forms.js';
import { encode } from './lines.js';
import { STATEMENT, verify } from './signing.js';

export const KIND = 'recover';

const HEAD = forms.strict({ epoch: forms.epoch, size: forms.whole(), root: forms.digest });
const FORM = forms.strict({
  v: forms.whole(1, 1),
  kind: forms.oneOf([KIND]),
  origin: forms.words,
  epoch: forms.epoch,
  fork: HEAD,
  last: HEAD,
  at: forms.whole(),
});

/** @typedef {{epoch: string, size: number, root: string}} Seen a head as manifests state it */

/**
 * @typedef {object} Recovery a new epoch
 * @property {string} origin
 * @property {string} epoch
 * @property {Seen} fork the head that was left of the epoch before
 * @property {Seen} last the newest head that it is known to have had
 * @property {number} at Unix ms
 * @property {string} jws the statement as it was signed
 */

/**
 * Return what a statement of the recovery key says; throws BadSignature or BadProof.
 * @param {string} jws
 * @param {Uint8Array} key raw
 * @returns {Recovery}
 */
export function readRecovery(jws, key) {
  try {
    const found = FORM(verify(jws, STATEMENT, key), 'recovery');
    if (found.epoch !== found.fork.epoch) return { ...found, jws };
  } catch (error) {
    if (error instanceof BadSignature) throw error;
  }
  throw new BadProof('the statement opens no epoch');
}

/** @param {string} jws @returns {string} the line to which a `recover` entry commits */
export const bodyLine = (jws) => encode({ op: KIND, statement: jws });

/** The recoveries of one ledger: carries positions of earlier epochs forward to the present one. */
export class Epochs {
  #left;

  /** @param {Recovery[]} recoveries */
  constructor(recoveries) {
    // One that was opened in between, from the same backup or a newer one, is left by the same step.
    /** @type {Map<string, Recovery>} */
    this.#left = new Map();
    for (const one of recoveries) this.#left.set(one.last.epoch, one);
    for (const one of recoveries) this.#left.set(one.fork.epoch, one);
  }

  /** @param {string} old @param {string} now @returns {Recovery[] | null} those that lead from one to a later one */
  path(old, now) {
    const found = [];
    for (let epoch = old; epoch !== now; epoch = found.at(-1).epoch) {
      const step = this.#left.get(epoch);
      if (!step || found.length >= this.#left.size) return null;
      found.push(step);
    }
    return found;
  }

  /** @param {Seen} seen @param {string} epoch @returns {Seen | null} what a head comes to: itself, or the fork */
  carried(seen, epoch) {
    const path = this.path(seen.epoch, epoch);
    if (!path) return null;
    let { size, root } = seen;
    for (const { fork } of path) if (size > fork.size) ({ size, root } = fork);
    return { epoch, size, root };
  }
}
