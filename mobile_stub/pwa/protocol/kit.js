/** What a phone carries: identity, journal, transport, clock, chance; and the few facts it remembers by name. */

import * as checkpoint from './checkpoint.js';
import { KeyCompromised } from './errors.js';
import { checkKeys, readKeys } from './keys.js';
import { b64, hex, unb64u } from './lines.js';
import { SCHEMA_VERSION } from './manifest.js';
import { nextHead, readConsistency } from './feed.js';
import { keyId, peek } from './signing.js';
import { Alarmed, StaleKeys, Stopped } from './trouble.js';

export const LATENCY_MS_MAX = 5_000;

/** One open phone's belongings. */
export class Kit {
  /**
   * @param {object} parts
   * @param {Record<string, any>} parts.me the identity, as enrol.js keeps it
   * @param {import('./journal.js').Journal} parts.journal
   * @param {import('./transport.js').Transport} parts.transport
   * @param {import('./transport.js').Clock} parts.clock
   * @param {(count: number) => Uint8Array} parts.random
   * @param {import('./compose.js').Types} parts.types
   * @param {import('./signing.js').Signer} parts.signer the device's key
   */
  constructor({ me, journal, transport, clock, random, types, signer }) {
    this.me = me;
    this.journal = journal;
    this.transport = transport;
    this.clock = clock;
    this.random = random;
    this.types = types;
    this.signer = signer;
  }

  /** @returns {Promise<Uint8Array[]>} the ledger keys that count: the pinned one, then those that it leads to */
  async ledgerKeys() {
    const kept = await this.journal.get('keys');
    return kept ? readKeys(kept, this.me.ledger_pin).chain : [unb64u(this.me.ledger_key, 32)];
  }

  /**
   * Return the ledger keys that count; where none of them made the token, the key list is asked for a newer one.
   * @param {string} token
   * @param {string} typ
   * @returns {Promise<Uint8Array[]>}
   */
  async keysOfToken(token, typ) {
    const { kid } = peek(token, typ);
    if (!(await this.ledgerKeys()).some((key) => keyId(key) === kid)) await this.keys(true);
    return this.ledgerKeys();
  }

  /**
   * Return the ledger keys that count; where none of them signed the note, the key list is asked for a newer one.
   * @param {string} note
   * @returns {Promise<Uint8Array[]>}
   */
  async keysOfNote(note) {
    if (!checkpoint.names(note, await this.ledgerKeys())) await this.keys(true);
    return this.ledgerKeys();
  }

  /** @returns {import('./envelope.js').OpeningKey} the key that feed pages are sealed to */
  get receivingKey() {
    return { kem: this.me.kem, seed: unb64u(this.me.seal_seed, 32), public: unb64u(this.me.seal_key) };
  }

  /** @returns {{origin: string, device: string}} whom the ledger's statements about this phone name */
  get about() {
    return { origin: this.me.origin, device: this.me.device };
  }

  /** @returns {Promise<checkpoint.Checkpoint>} the newest checkpoint that this phone verified */
  async head() {
    return checkpoint.parse(await this.journal.get('head'));
  }

  /** @returns {Promise<Record<string, string>>} the header by which requests present the head to a restored server */
  async presented() {
    const { note } = await this.head();
    return { 'Wardledger-Checkpoint': b64(new TextEncoder().encode(note)) };
  }

  /** @returns {Promise<{epoch: string, size: number, root: string}>} the head as manifests state it */
  async seen() {
    const { epoch, size, root } = await this.head();
    return { epoch, size, root: hex(root) };
  }

  /** @returns {Promise<Record<string, any>>} the capture time of this moment, by all that the phone knows */
  async at() {
    const anchor = await this.journal.get('anchor');
    const at = { wall: this.clock.wall(), mono: this.clock.mono(), session: this.clock.session };
    return anchor ? { ...at, anchor } : at;
  }

  /**
   * Return the row that keeps an anchor, none where the one at hand is newer by ledger position and server time.
   *
   * After a slow answer nobody knows how the server's time stands to the steady clock; the anchor then gets a
   * session of its own, so that it bounds captures without narrowing them falsely.
   * @param {import('./transport.js').Answer} answer
   * @param {{epoch: string, index: number, time: number}} heard
   * @returns {Promise<[string, any][]>}
   */
  async anchorRow(answer, { epoch, index, time }) {
    const known = await this.journal.get('anchor');
    const slow = answer.tripMs > LATENCY_MS_MAX;
    const session = slow ? `${this.clock.session.slice(0, 40)}.slow` : this.clock.session;
    const made = { epoch, index: Math.max(index, 0), time, wall: this.clock.wall(), mono: this.clock.mono(), session };
    const joined = known && known.epoch === epoch;
    const older = joined && (index < known.index || (index === known.index && time < known.time));
    return older ? [] : [['anchor', made]];
  }

  /** @returns {Promise<string | null>} what the ledger says to this version of the app, null before it said anything */
  async appWord() {
    const kept = await this.journal.get('keys');
    return kept ? readKeys(kept, this.me.ledger_pin).app : null;
  }

  /** Throw Alarmed or Stopped if nothing may be sealed or synced any more. */
  async refuseIfStopped() {
    const alarm = await this.journal.get('alarm');
    if (alarm) throw new Alarmed(alarm);
    // Until an invite is scanned nobody's signature counts.
    if (await this.journal.get('repin')) throw new KeyCompromised('the ledger key that this phone pinned was compromised');
    const stopped = await this.journal.get('stopped');
    // What a lost phone holds has to leave it before it erases itself.
    if (stopped && (await this.wipe()) === null) throw new Stopped(`the server stopped this phone: ${stopped}`);
  }

  /** @returns {Promise<string | null>} when the ledger ordered this phone to erase itself, null if it did not */
  async wipe() {
    return (await this.journal.get('shut_out'))?.wipe ?? null;
  }

  /** Keep an alarm; the first one stays, and none clears by itself. @param {string} detail */
  async raiseAlarm(detail) {
    if (!(await this.journal.get('alarm'))) await this.journal.write([['alarm', detail]]);
  }

  /**
   * Return a key list that has not run out, fetched if need be; again: fetch in any case.
   * @param {boolean} [again]
   * @returns {Promise<Record<string, any>>}
   */
  async keys(again = false) {
    const kept = await this.journal.get('keys');
    const known = kept ? readKeys(kept, this.me.ledger_pin) : null;
    if (known && !again && this.transport.nowMs() <= known.exp) return known;
    const about = new URLSearchParams({ app: this.me.app, schema: String(SCHEMA_VERSION) });
    const answer = await this.transport.ask('GET', `/v1/keys?${about}`, { signed: false });
    const found = await this.#heard(answer.jws());
    checkKeys(found, known, { origin: this.me.origin, recoveryPin: this.me.recovery_pin });
    if (this.transport.nowMs() > found.exp) await this.transport.trustDate(answer);
    if (this.transport.nowMs() > found.exp) throw new StaleKeys('the key list has run out');
    await this.journal.write([['keys', found.jws]]);
    return found;
  }

  async #heard(jws) {
    try {
      return readKeys(jws, this.me.ledger_pin);
    } catch (error) {
      if (error instanceof KeyCompromised) await this.journal.write([['repin', true]]);
      throw error;
    }
  }

  /**
   * Return the head to keep after a note was heard; its proof is fetched unless the answer carried it.
   * @param {string} note
   * @param {Uint8Array[]} [proof] from the head at hand to the note's
   * @returns {Promise<checkpoint.Checkpoint>}
   */
  async follow(note, proof) {
    const known = await this.head();
    return nextHead(known, note, await this.keysOfNote(note), async (old, size) => {
      if (proof && old === known.size) return proof;
      const answer = await this.transport.ask('GET', `/ledger/proof?from=${old}&to=${size}`);
      return readConsistency(answer.json(), old, size);
    });
  }

  /**
   * Return the row that keeps a verified head; a smaller one never takes a larger one's place.
   * @param {checkpoint.Checkpoint} head
   * @returns {Promise<[string, any][]>}
   */
  async headRow(head) {
    return head.size > (await this.head()).size ? [['head', head.note]] : [];
  }
}
