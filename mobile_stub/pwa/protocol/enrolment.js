/** Enrolment: the invite that a phone scans, its request, and the ledger's answer to it. */

import { KEMS, PUBLIC_BYTES } from './envelope.js';
import { BadProof, Malformed } from './errors.js';
import * as forms from './forms.js';
import { b64u, digest } from './lines.js';
import { ENROL, ENROLLED, keyId, peek, signBy, verify } from './signing.js';

const SCHEME = 'wardledger:';
const CODE = /^([A-Za-z0-9_-]{1,128})\.([0-9a-f]{64})\.([0-9a-f]{64})$/;
const ADDRESS = /^https?:\/\/[^\s#?]{1,500}$/;

const REQUEST = forms.strict({
  v: forms.whole(1, 1),
  origin: forms.origin,
  code: forms.digest,
  sign_key: forms.raw(32),
  seal_key: forms.raw(),
  kem: forms.oneOf(KEMS),
  ledger_key: forms.digest,
  app: forms.token,
  supersedes: forms.optional(forms.uuid),
});

const ANSWER = forms.open({
  v: forms.whole(1, 1),
  origin: forms.origin,
  request: forms.digest,
  device: forms.uuid,
  user: forms.uuid,
  epoch: forms.epoch,
  checkpoint: forms.words,
  time: forms.instant,
  supersedes: forms.optional(forms.nullable(forms.uuid)),
});

/**
 * Return {url, code, ledger, recovery} of a QR code's text, or of its address and the part after '#'.
 *
 * ledger and recovery are SHA-256 of the two pinned keys. Throws Malformed.
 * @param {string} given
 * @returns {{url: string, code: string, ledger: string, recovery: string}}
 */
export function readInvite(given) {
  const plain = given.trim().startsWith(SCHEME) ? given.trim().slice(SCHEME.length) : given.trim();
  const cut = plain.indexOf('#');
  const url = cut < 0 ? plain : plain.slice(0, cut);
  const found = CODE.exec(cut < 0 ? '' : plain.slice(cut + 1));
  if (!found || !ADDRESS.test(url)) throw new Malformed('not an invite: scan the whole code again');
  return { url: url.replace(/\/+$/, ''), code: found[1], ledger: found[2], recovery: found[3] };
}

/**
 * Return the request's JWS; it holds no time, so for the same keys and invite it is the same bytes.
 * @param {import('./signing.js').Signer} signer by the new device key
 * @param {{origin: string, code: string, sealKey: Uint8Array, kem: string, ledgerPin: string, app: string,
 *   supersedes?: string}} about supersedes: the device that this phone was
 * @returns {Promise<string>}
 */
export function requestOf(signer, { origin, code, sealKey, kem, ledgerPin, app, supersedes }) {
  const signKey = signer.publicKey;
  const payload = {
    v: 1,
    origin,
    code: digest(code),
    sign_key: b64u(signKey),
    seal_key: b64u(sealKey),
    kem,
    ledger_key: ledgerPin,
    app,
    ...(supersedes ? { supersedes } : {}),
  };
  return signBy(signer, ENROL, payload, keyId(signKey));
}

/**
 * Return a phone's request, signed by the key that it names; throws BadSignature or Malformed.
 * @param {string} jws
 * @returns {Record<string, any>}
 */
export function readRequest(jws) {
  const found = REQUEST(peek(jws, ENROL).payload, 'enrol');
  verify(jws, ENROL, found.sign_key);
  if (found.seal_key.length !== PUBLIC_BYTES[found.kem]) {
    throw new Malformed('the receiving key does not fit its KEM', { field: 'seal_key' });
  }
  return found;
}

/**
 * Return the ledger's answer to a request; throws BadSignature, BadProof or Malformed.
 * @param {string} jws
 * @param {Uint8Array} key the pinned ledger key
 * @param {{origin: string, request: string}} about request: the JWS that was sent
 * @returns {{device: string, user: string, epoch: string, checkpoint: string, time: number}}
 */
export function readEnrolled(jws, key, { origin, request }) {
  const found = ANSWER(verify(jws, ENROLLED, key), 'enrolled');
  if (found.origin !== origin || found.request !== digest(request)) {
    throw new BadProof("the answer is for another phone's request");
  }
  return found;
}
