/**
 * A passkey's secret (WebAuthn PRF): the same 32 bytes each time its user is verified, known to no server. Few browsers
 * and phones have it yet; where it is missing the PIN alone opens the vault.
 */

const random = (count) => crypto.getRandomValues(new Uint8Array(count));

/** This phone's passkeys have no secret to give. */
export class NoPrf extends Error {
  constructor() {
    super('the passkey has no PRF');
    this.code = 'no_prf';
  }
}

/** @returns {Promise<boolean>} whether it is worth offering */
export async function mayHavePasskey() {
  return Boolean(await globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.().catch(() => false));
}

/**
 * Make a passkey and return it with its secret; throws NoPrf, and what the user's own refusal throws.
 * @returns {Promise<{id: Uint8Array, input: Uint8Array, secret: Uint8Array}>}
 */
export async function makePasskey() {
  const input = random(32);
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { name: 'Wardledger' },
      // No name of a person: the phone's own settings list it.
      user: { id: random(16), name: 'wardledger', displayName: 'Wardledger' },
      challenge: random(32),
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: { authenticatorAttachment: 'platform', residentKey: 'preferred', userVerification: 'required' },
      extensions: { prf: { eval: { first: input } } },
    },
  });
  const { prf } = made.getClientExtensionResults();
  if (!prf?.enabled && !prf?.results) throw new NoPrf();
  const id = new Uint8Array(made.rawId);
  const first = prf.results?.first;
  return { id, input, secret: first ? new Uint8Array(first) : await secretOf({ id, input }) };
}

/** Return a passkey's secret once its user was verified. @param {{id: Uint8Array, input: Uint8Array}} passkey */
export async function secretOf({ id, input }) {
  const got = await navigator.credentials.get({
    publicKey: {
      challenge: random(32),
      allowCredentials: [{ type: 'public-key', id }],
      userVerification: 'required',
      extensions: { prf: { eval: { first: input } } },
    },
  });
  const first = got.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new NoPrf();
  return new Uint8Array(first);
}
