/**
 * The vault: a random data key, wrapped under a key that only the PIN makes (Argon2id), and under a passkey's if wanted.
 *
 * A wrong PIN is told; after a few the phone waits, longer each time, and a restart does not shorten it. The wait
 * slows a hand down, the derivation slows a machine down that copied the storage.
 */

import { argon2id } from 'hash-wasm';

import { cipherOf, importKey } from './cipher.js';

export const PIN_DIGITS_MIN = 6;
export const FREE_TRIES = 3;
export const WAIT_MS = 30_000;
export const WAIT_MS_MAX = 3_600_000;
const KEY_BYTES = 32;
const ROW = 'vault';
const NAME = 'wardledger/1 data key';
const BY_PASSKEY = 'wardledger/1 data key by passkey';
/** What is asked of the phone for each try: RFC 9106's second choice, in one lane. */
const HARDNESS = { memory: 64 * 1024, iterations: 3 };

/** The PIN does not open the vault; tries: wrong ones in a row; waitMs: until the next may be made. */
export class WrongPin extends Error {
  constructor(tries, waitMs) {
    super('the PIN does not open the vault');
    Object.assign(this, { tries, waitMs });
  }
}

/** Too soon after wrong PINs; waitMs: until the next may be made. */
export class TooSoon extends Error {
  constructor(waitMs) {
    super('the vault waits after wrong PINs');
    this.waitMs = waitMs;
  }
}

/** @param {string} pin @returns {'short' | 'easy' | null} why a PIN does not do */
export function faultOf(pin) {
  if (!/^\d+$/.test(pin) || pin.length < PIN_DIGITS_MIN) return 'short';
  const steps = new Set([...pin].slice(1).map((digit, n) => Number(digit) - Number(pin[n])));
  // 000000, 123456, 987654: what a finder tries first.
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0]) ? 'easy' : null;
}

/** @param {number} tries wrong ones in a row @returns {number} ms to wait after the last of them */
export const waitAfter = (tries) =>
  tries < FREE_TRIES ? 0 : Math.min(WAIT_MS * 2 ** Math.min(tries - FREE_TRIES, 20), WAIT_MS_MAX);

/** One vault on a shelf. */
export class Vault {
  /**
   * @param {import('./shelf.js').Shelf} kept
   * @param {{now?: () => number, hardness?: {memory: number, iterations: number}}} [how]
   */
  constructor(kept, { now = Date.now, hardness = HARDNESS } = {}) {
    this.kept = kept;
    this.now = now;
    this.hardness = hardness;
  }

  /** @returns {Promise<boolean>} whether there is one */
  async exists() {
    return (await this.kept.get(ROW)) !== undefined;
  }

  /** @returns {Promise<number>} ms until the next PIN may be tried */
  async wait() {
    const row = await this.kept.get(ROW);
    return row ? this.#waitOf(row) : 0;
  }

  #waitOf({ tries, until }) {
    // A clock that was set back must not lock the user out for longer than the wait itself.
    return Math.max(0, Math.min(until - this.now(), waitAfter(tries)));
  }

  /**
   * Make the vault and return its cipher; one that is there is replaced, and what it sealed is lost.
   * @param {string} pin
   */
  async create(pin) {
    const raw = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    await this.kept.put(ROW, { ...(await this.#wrapped(raw, pin)), tries: 0, until: 0 });
    return cipherOf(await importKey(raw));
  }

  /** Return the cipher; throws WrongPin or TooSoon. @param {string} pin */
  async open(pin) {
    return cipherOf(await importKey(await this.#raw(pin)));
  }

  /** Wrap the data key under another PIN; throws WrongPin or TooSoon. @param {string} pin @param {string} next */
  async changePin(pin, next) {
    const raw = await this.#raw(pin);
    const row = await this.kept.get(ROW);
    await this.kept.put(ROW, { ...row, ...(await this.#wrapped(raw, next)) });
  }

  /** @returns {Promise<{id: Uint8Array, input: Uint8Array} | null>} the passkey that opens it as well */
  async passkey() {
    return (await this.kept.get(ROW))?.passkey ?? null;
  }

  /**
   * Let a passkey's secret open the vault as well; throws WrongPin or TooSoon.
   * @param {string} pin
   * @param {{id: Uint8Array, input: Uint8Array, secret: Uint8Array}} made
   */
  async addPasskey(pin, { id, input, secret }) {
    const raw = await this.#raw(pin);
    const wrapped = await cipherOf(await secretKey(secret)).seal(raw, BY_PASSKEY);
    await this.kept.put(ROW, { ...(await this.kept.get(ROW)), passkey: { id, input, wrapped } });
  }

  /** Let the PIN alone open it. */
  async removePasskey() {
    const { passkey, ...row } = await this.kept.get(ROW);
    await this.kept.put(ROW, row);
  }

  /** Return the cipher; throws where it is another passkey's secret. @param {Uint8Array} secret */
  async openByPasskey(secret) {
    const { wrapped } = await this.passkey();
    return cipherOf(await importKey(await cipherOf(await secretKey(secret)).open(wrapped, BY_PASSKEY)));
  }

  /** Forget the data key: whatever it sealed is then nobody's to open. */
  async destroy() {
    await this.kept.put(ROW, undefined);
  }

  async #wrapped(raw, pin) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const made = { v: 1, salt, ...this.hardness };
    return { ...made, wrapped: await cipherOf(await pinKey(pin, made)).seal(raw, NAME) };
  }

  async #raw(pin) {
    const row = await this.kept.get(ROW);
    const waitMs = this.#waitOf(row);
    if (waitMs) throw new TooSoon(waitMs);
    const tries = row.tries + 1;
    // Counted before it is tried: who kills the app in between has used the try up.
    await this.kept.put(ROW, { ...row, tries, until: this.now() + waitAfter(tries) });
    let raw;
    try {
      raw = await cipherOf(await pinKey(pin, row)).open(row.wrapped, NAME);
    } catch {
      throw new WrongPin(tries, waitAfter(tries));
    }
    await this.kept.put(ROW, { ...row, tries: 0, until: 0 });
    return raw;
  }
}

async function pinKey(pin, { salt, memory, iterations }) {
  const raw = await argon2id({
    password: pin,
    salt,
    memorySize: memory,
    iterations,
    parallelism: 1,
    hashLength: KEY_BYTES,
    outputType: 'binary',
  });
  return importKey(raw);
}

/** The secret is random already: it is only made a key of its own purpose. */
async function secretKey(secret) {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const info = new TextEncoder().encode(BY_PASSKEY);
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return importKey(new Uint8Array(await crypto.subtle.deriveBits(how, base, 8 * KEY_BYTES)));
}
