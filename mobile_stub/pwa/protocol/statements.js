/** Statements of the ledger about one device (`wl-statement`): its lease, and that it is shut out or has to go. */

import { BadProof } from './errors.js';
import * as forms from './forms.js';
import { makerOf } from './key_chain.js';
import { STATEMENT, verify } from './signing.js';

/** When a phone erases itself on the ledger's order: after all has left it, or at once. */
export const WIPES = ['after_upload', 'now'];

const LEASE = forms.open({
  v: forms.whole(1, 1),
  kind: forms.oneOf(['lease']),
  origin: forms.origin,
  device: forms.uuid,
  time: forms.instant,
  until: forms.instant,
});

const SHUT_OUT = forms.open({
  v: forms.whole(1, 1),
  kind: forms.oneOf(['device']),
  origin: forms.origin,
  device: forms.uuid,
  stage: forms.token,
  time: forms.instant,
  // A phone that does not know when it is to erase itself must not erase itself.
  wipe: forms.optional(forms.oneOf(WIPES)),
  set: forms.optional(forms.digest),
});

/**
 * Return the lease that one of the ledger keys gave a device; throws BadSignature, BadProof or Malformed.
 * @param {string} jws
 * @param {Uint8Array[]} keys raw
 * @param {{origin: string, device: string}} about
 * @returns {{time: number, until: number}}
 */
export function readLease(jws, keys, about) {
  return read(LEASE, 'lease', jws, { keys, about });
}

/**
 * Return what one of the ledger keys said of a device that is shut out; throws BadSignature, BadProof or Malformed.
 * @param {string} jws
 * @param {Uint8Array[]} keys raw
 * @param {{origin: string, device: string}} about
 * @returns {{stage: string, time: number, wipe?: string, set?: string}}
 */
export function readShutOut(jws, keys, about) {
  return read(SHUT_OUT, 'device', jws, { keys, about });
}

function read(form, name, jws, { keys, about: { origin, device } }) {
  const found = form(verify(jws, STATEMENT, makerOf(jws, STATEMENT, keys)), name);
  if (found.origin !== origin || found.device !== device) throw new BadProof('the statement is about another device');
  return found;
}
