/**
 * The wire: signed requests, the clock's correction, waiting while the server is busy, problems read.
 *
 * Nothing here verifies what an answer says. An answer that is not in the server's form is NotTheServer,
 * never a proof of anything.
 */

import { isObject, join, text } from './lines.js';
import { requestProof } from './signing.js';
import { BareStatus, NotTheServer, Offline, ServerRefused } from './trouble.js';

export const TIMEOUT_MS = 60_000;
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
export const JOSE = 'application/jose';
const PROBLEM = 'application/problem+json';
const PROBLEM_BYTES_MAX = 64 * 1024;
const BUSY_TRIES_MAX = 3;
const BUSY_SECONDS_MAX = 20;
/** What is over in a moment; the phone asks again after the seconds that the server names. */
const WAITED_FOR = new Set(['busy', 'too_many_requests', 'database_down', 'storage_down']);
const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** A good answer; tripMs is how long the request took on the phone's steady clock. */
export class Answer {
  /** @param {number} status @param {Headers} headers @param {Uint8Array} body @param {number} tripMs */
  constructor(status, headers, body, tripMs) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.tripMs = tripMs;
  }

  /** @returns {string} the body as text; throws NotTheServer */
  text() {
    try {
      return text(this.body);
    } catch {
      throw new NotTheServer('the answer is not text');
    }
  }

  /** @returns {string} the body as an unverified compact JWS; throws NotTheServer */
  jws() {
    const found = this.text().trim();
    if (!JWS.test(found)) throw new NotTheServer('the answer is not a signed statement');
    return found;
  }

  /** @returns {any} the body as JSON; throws NotTheServer */
  json() {
    try {
      return JSON.parse(this.text());
    } catch {
      throw new NotTheServer('the answer is not JSON');
    }
  }

  /** @param {string} name @returns {number} a header that is a whole number; throws NotTheServer */
  number(name) {
    const found = this.headers.get(name) ?? '';
    if (!/^[0-9]{1,15}$/.test(found)) throw new NotTheServer(`the answer lacks ${name}`);
    return Number(found);
  }
}

/**
 * @typedef {object} Clock
 * @property {() => number} wall Unix ms
 * @property {() => number} mono ms of a clock that is never set
 * @property {string} session random per start of the app
 */

/** Requests to one server; url is its public address, against which requests are signed. */
export class Transport {
  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {Clock} parts.clock
   * @param {typeof fetch} [parts.fetch]
   * @param {(seconds: number) => Promise<void>} [parts.sleep]
   * @param {(offsetMs: number) => Promise<void>} [parts.learn] told a new offset, to keep it
   */
  constructor({ url, clock, fetch: fetching, sleep, learn }) {
    this.url = url;
    this.clock = clock;
    this.fetch = fetching ?? ((address, how) => globalThis.fetch(address, how));
    this.sleep = sleep ?? ((seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
    this.learn = learn ?? (async () => {});
    /** Server time minus the phone's wall clock. */
    this.offsetMs = 0;
    /** @type {{key: import('./signing.js').Signer, device: string} | null} */
    this.signer = null;
  }

  /** @returns {number} the best guess at the server's time; for proofs and expiry, never for captures */
  nowMs() {
    return this.clock.wall() + this.offsetMs;
  }

  /**
   * Return the answer if its status is in `good`; throws ServerRefused, Offline or NotTheServer.
   *
   * A clock that is off is corrected once by what the server says; a busy server is asked again a few times.
   * @param {string} method
   * @param {string} path below the public address, or an absolute address of the same server
   * @param {{body?: Uint8Array, headers?: Record<string, string>, signed?: boolean, good?: number[]}} [how]
   * @returns {Promise<Answer>}
   */
  async ask(method, path, { body, headers = {}, signed = true, good = [200] } = {}) {
    let corrected = false;
    for (let busy = 0; ; ) {
      try {
        return await this.once(method, this.address(path), { body, headers, signed, good });
      } catch (error) {
        if (!(error instanceof ServerRefused)) throw error;
        if (error.code === 'proof_expired' && error.status === 401 && !corrected) {
          corrected = true;
          await this.correct(error.problem.server_time ?? Date.parse(error.date));
          continue;
        }
        const seconds = error.retryAfterSeconds;
        busy += 1;
        const patient = WAITED_FOR.has(error.code) && seconds !== null && seconds <= BUSY_SECONDS_MAX;
        if (!patient || busy > BUSY_TRIES_MAX) throw error;
        await this.sleep(seconds);
      }
    }
  }

  async once(method, address, { body, headers, signed, good }) {
    const about = { method, url: address, nowMs: this.nowMs(), device: this.signer?.device ?? '' };
    const proof = signed ? { Authorization: `Bearer ${await requestProof(this.signer.key, about)}` } : {};
    const start = this.clock.mono();
    let response;
    let content;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const given = { method, body, headers: { ...headers, ...proof }, signal };
      response = await this.fetch(address, { ...given, redirect: 'manual' });
      content = await readBody(response);
    } catch (error) {
      if (error instanceof NotTheServer) throw error;
      throw new Offline(`the server cannot be reached: ${error.name}`);
    }
    if (!good.includes(response.status)) throw refusalOf(response, content);
    return new Answer(response.status, response.headers, content, this.clock.mono() - start);
  }

  /**
   * Take the server's time from now on; anything but a number is passed over.
   * @param {unknown} statedMs
   */
  async correct(statedMs) {
    if (typeof statedMs !== 'number' || !Number.isFinite(statedMs)) return;
    this.offsetMs = Math.floor(statedMs) - this.clock.wall();
    await this.learn(this.offsetMs);
  }

  /** Correct the clock by the Date header of an answer. @param {Answer} answer */
  async trustDate(answer) {
    await this.correct(Date.parse(answer.headers.get('date') ?? ''));
  }

  /**
   * Return the absolute address of a path, or of a Location; throws NotTheServer for one of another server.
   * @param {string} path
   * @returns {string}
   */
  address(path) {
    if (path.startsWith('/')) return `${this.url}${path}`;
    const found = new URL(path, `${this.url}/`);
    if (found.origin !== new URL(this.url).origin) throw new NotTheServer('the answer points to another server');
    return found.href;
  }
}

/** Return a body; one over the limit is not read to its end. */
async function readBody(response) {
  const chunks = [];
  let size = 0;
  if (!response.body) return new Uint8Array();
  const reader = response.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > ANSWER_BYTES_MAX) {
      await reader.cancel();
      throw new NotTheServer("the answer is longer than any of the protocol's");
    }
    chunks.push(next.value);
  }
  return join(...chunks);
}

function refusalOf(response, content) {
  const { status, headers } = response;
  if (!(headers.get('content-type') ?? '').startsWith(PROBLEM)) return new BareStatus(status);
  let problem;
  try {
    problem = content.length <= PROBLEM_BYTES_MAX ? JSON.parse(text(content)) : null;
  } catch {
    problem = null;
  }
  const told = isObject(problem) && typeof problem.code === 'string';
  if (!told) return new NotTheServer('the answer is no problem in JSON');
  const after = headers.get('retry-after') ?? '';
  const retryAfterSeconds = /^[0-9]{1,7}$/.test(after) ? Number(after) : null;
  return new ServerRefused(problem, { status, retryAfterSeconds, date: headers.get('date') ?? '' });
}
