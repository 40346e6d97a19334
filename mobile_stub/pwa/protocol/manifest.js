/** The manifest: what a device signs for one change-set, and how it joins the device's chain. */

import { BadProof } from './errors.js';
import * as forms from './forms.js';
import { ZERO_DIGEST, digest } from './lines.js';
import { MANIFEST, peek, signBy, verify } from './signing.js';

export const SCHEMA_VERSION = 1;

const SEEN = forms.strict({ epoch: forms.epoch, size: forms.whole(), root: forms.digest });

const FORM = forms.strict({
  v: forms.whole(1, 1),
  origin: forms.origin,
  device: forms.uuid,
  seq: forms.whole(1),
  prev: forms.digest,
  count: forms.whole(1),
  root: forms.digest,
  made_at: forms.whole(),
  app: forms.token,
  schema: forms.whole(1),
  ledger_key: forms.digest,
  seen: forms.optional(SEEN),
});

/**
 * @typedef {object} Manifest
 * @property {string} origin
 * @property {string} device
 * @property {number} seq 1, 2, 3 ... of the device
 * @property {string} prev digest of the manifest before, zeros for seq 1
 * @property {number} count
 * @property {string} root RFC 6962 root over the change lines, hex
 * @property {number} made_at Unix ms
 * @property {string} app
 * @property {number} schema
 * @property {string} ledger_key SHA-256 of the pinned ledger key
 * @property {{epoch: string, size: number, root: string}} [seen] the last checkpoint that was verified
 * @property {string} jws what travels
 * @property {string} digest SHA-256 of the compact JWS: the identity of the set
 */

/**
 * Return the manifest of a JWS whose signature the caller verifies; throws BadSignature or Malformed.
 * @param {string} jws
 * @returns {Manifest}
 */
export function readManifest(jws) {
  const found = FORM(peek(jws, MANIFEST).payload, 'manifest');
  return { ...found, jws, digest: digest(jws) };
}

/**
 * Return the manifest of a JWS that `key` signed; throws BadSignature or Malformed.
 * @param {string} jws
 * @param {Uint8Array} key raw
 * @returns {Manifest}
 */
export function verifyManifest(jws, key) {
  verify(jws, MANIFEST, key);
  return readManifest(jws);
}

/**
 * Return the compact JWS of a manifest.
 * @param {import('./signing.js').Signer} signer the device's
 * @param {Omit<Manifest, 'jws' | 'digest'>} manifest
 * @returns {Promise<string>}
 */
export function signManifest(signer, manifest) {
  const payload = Object.fromEntries(Object.entries(manifest).filter(([, value]) => value !== undefined));
  return signBy(signer, MANIFEST, { v: 1, ...payload }, manifest.device);
}

/**
 * Return if the manifests form one device's chain from its beginning; throws BadProof at the first that does not.
 * @param {Manifest[]} chain
 */
export function verifyChain(chain) {
  let prev = ZERO_DIGEST;
  chain.forEach((manifest, n) => {
    const joins = manifest.seq === n + 1 && manifest.prev === prev && manifest.device === chain[0].device;
    if (!joins) throw new BadProof(`set ${manifest.seq} does not join the chain at ${n + 1}`);
    prev = manifest.digest;
  });
}
