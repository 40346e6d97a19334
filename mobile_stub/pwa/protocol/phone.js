/** The phone: enrol, open, record offline, sync, tell how things stand. */

import * as catalogues from './catalogues.js';
import * as dismissal from './dismissal.js';
import { join, prepare, repin, takePlace } from './enrol.js';
import { readInvite } from './enrolment.js';
import { compose, split } from './compose.js';
import * as epochs from './epochs.js';
import { BadProof, BadSignature, BadValue, PinMismatch, Refusal } from './errors.js';
import * as files from './files.js';
import { uuid7 } from './ids.js';
import { numberOf, numbered } from './journal.js';
import { seedKeyring } from './keyring.js';
import { Kit } from './kit.js';
import * as lease from './lease.js';
import { exported } from './outbox_file.js';
import { checkRecords, pull, settleLooks, tidy } from './pull.js';
import { push } from './push.js';
import { Transport } from './transport.js';
import { NotEnrolled, OutdatedApp, ServerRefused, SyncRunning, Trouble } from './trouble.js';
import * as view from './view.js';

const APP = 'wardledger-js-0.1';

/** Random bytes of the platform. @param {number} count @returns {Uint8Array} */
export const systemRandom = (count) => crypto.getRandomValues(new Uint8Array(count));

/**
 * @typedef {object} Progress of a sync; each part begins with done 0
 * @property {'push' | 'pull' | 'catalogues' | 'files' | 'check'} part
 * @property {number} done changes that have their receipt, records received, files sent
 * @property {number | null} total null where nobody knows
 * @property {string} [file] the cipher digest of the file under way
 * @property {number} [bytes] of that file, acknowledged by the server, over all syncs
 * @property {number} [size] of that file's cipher
 */

/**
 * @typedef {object} Parts what an app brings
 * @property {import('./journal.js').Journal} journal
 * @property {import('./transport.js').Clock} clock
 * @property {import('./compose.js').Types} types of generated/records.json, by typesOf
 * @property {import('./keyring.js').Keyring} [keyring] where the signing key lies; in the journal if unnamed
 * @property {(count: number) => Uint8Array} [random]
 * @property {typeof fetch} [fetch]
 * @property {(seconds: number) => Promise<void>} [sleep]
 * @property {string} [app] name and version of the app, as the bureau sees it
 * @property {string} [kem]
 */

/** One phone, open. */
export class Phone {
  #syncing = false;
  #turn = Promise.resolve();

  /** @param {Kit} kit */
  constructor(kit) {
    this.kit = kit;
  }

  /**
   * Make this journal a phone of the invite's ledger and open it.
   *
   * A journal that is a phone already becomes the one that takes its place: what it has not sent goes under the new
   * device, in the order in which it was recorded. Asked again after a lost answer it goes on where it was cut off. Throws PinMismatch, BadProof or BadSignature
   * (an impostor answers), ServerRefused (the invite is used up), Offline, AlreadyEnrolled (another ledger's), Alarmed.
   * @param {string} invite the text of the QR code
   * @param {Parts} parts
   * @returns {Promise<Phone>}
   */
  static async enrol(invite, parts) {
    const { journal, clock, app = APP, kem } = parts;
    const scanned = readInvite(invite);
    const keyring = keyringOf(parts);
    const made = await prepare(journal, scanned, { keyring, app, kem });
    const transport = await transportOf(made.url, parts);
    if (made.device) {
      const kit = kitOf(made, transport, { ...parts, signer: await keyring.open(made) });
      await takePlace(kit, scanned, keyring);
    } else {
      await join(made, scanned, { journal, transport, clock, keyring });
    }
    return Phone.open(parts);
  }

  /**
   * Open an enrolled phone; throws NotEnrolled.
   * @param {Parts} parts
   * @returns {Promise<Phone>}
   */
  static async open(parts) {
    const me = await parts.journal.get('me');
    if (!me?.device) throw new NotEnrolled('enrol this phone first');
    const signer = await keyringOf(parts).open(me);
    return new Phone(kitOf(me, await transportOf(me.url, parts), { ...parts, signer }));
  }

  /** Pin the key of an invite after the one pinned before was compromised. @param {string} invite the QR code's text */
  repin(invite) {
    return repin(this.kit, readInvite(invite));
  }

  // -- recording ---------------------------------------------------------------------------------------------

  /**
   * Keep some drafts all or none and return the changes; together: they stand or fall together at the server, too.
   * @param {import('./compose.js').Draft[]} drafts
   * @param {{together?: boolean, rows?: any[][]}} [how] rows: what is kept in the same step
   * @returns {Promise<Record<string, any>[]>}
   */
  keep(drafts, how = {}) {
    // One after the other: two that are kept at once would take the same number.
    const kept = this.#turn.then(() => this.#keep(drafts, how));
    this.#turn = kept.catch(() => {});
    return kept;
  }

  async #keep(drafts, { together = false, rows = [] }) {
    if ((await this.kit.appWord()) === 'read_only') throw new OutdatedApp('this version of the app records nothing more');
    const { journal, types, random } = this.kit;
    const at = await this.kit.at();
    const tx = together ? { tx: uuid7(at.wall, random) } : {};
    const made = drafts.map((draft) => compose({ ...draft, ...tx }, { types, at, random }));
    const [last] = (await journal.rows('change/')).slice(-1);
    const next = Math.max(last ? numberOf(last[0]) : 0, (await journal.get('number')) ?? 0) + 1;
    const kept = made.map((change, n) => [numbered('change', next + n), rowOf(change)]);
    await journal.write([...kept, ['number', next + made.length - 1], ...rows]);
    return made;
  }

  /**
   * Keep a new record and return its id.
   * @param {string} type
   * @param {Record<string, any>} values
   * @param {{together?: boolean, rows?: any[][]}} [how]
   * @returns {Promise<string>}
   */
  async create(type, values, how = {}) {
    const record = uuid7(this.kit.clock.wall(), this.kit.random);
    await this.keep([{ op: 'create', type, record, ...split(this.kit.types, type, values) }], how);
    return record;
  }

  /**
   * Keep an edit of a record that this phone shows and return the change's id.
   * @param {string} record
   * @param {Record<string, any>} values
   * @param {Record<string, any[]>} [remove]
   * @returns {Promise<string>}
   */
  async edit(record, values, remove = {}) {
    const { type, base } = await view.show(this.kit, record);
    const parts = split(this.kit.types, type, values);
    return (await this.keep([{ op: 'edit', type, record, base, remove, ...parts }]))[0].id;
  }

  /** Keep the steps of a record through stages. @param {string} record @param {...string} stages */
  async step(record, ...stages) {
    const { type, base, values } = await view.show(this.kit, record);
    const from = [values.stage, ...stages];
    const move = (to, n) => ({ op: /** @type {const} */ ('edit'), set: { stage: { from: from[n], to } } });
    const drafts = stages.map((to, n) => ({ ...move(to, n), type, record, base }));
    return (await this.keep(drafts)).map((change) => change.id);
  }

  /** Keep the voiding of a record made by mistake. @param {string} record */
  async void(record) {
    return this.#mark('void', record);
  }

  /** Keep the restoring of a voided record. @param {string} record */
  async restore(record) {
    return this.#mark('restore', record);
  }

  async #mark(op, record) {
    const { type, base } = await view.show(this.kit, record);
    return (await this.keep([{ op, type, record, base }]))[0].id;
  }

  /**
   * Keep the decision of an open conflict: the value that replaces all its candidates; return the change's id.
   * @param {string} conflict
   * @param {any} value
   * @returns {Promise<string>}
   */
  async resolve(conflict, value) {
    const known = await view.show(this.kit, conflict);
    if (known.type !== 'conflict' || known.values.state !== 'open') throw new BadValue('this is no open conflict');
    const { type, base, id, values } = await view.show(this.kit, known.values.about);
    const name = known.values.field;
    const set = { [name]: name === 'stage' ? { from: values.stage, to: value } : value };
    const draft = { op: /** @type {const} */ ('resolve'), type, record: id, base, set, over: known.values.candidates };
    return (await this.keep([draft]))[0].id;
  }

  /**
   * Encrypt a file, keep its evidence record with the digests of this moment, queue its upload; return its id.
   * @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} chunks
   * @param {Record<string, any>} values of the record besides what the file itself says
   * @returns {Promise<string>}
   */
  async takeEvidence(chunks, values) {
    const file = await files.capture(this.kit, chunks);
    const row = [`file/${file.cipher_digest}`, { state: 'waiting', size: file.cipher_size, location: null }];
    return this.create('evidence', { ...values, ...file }, { rows: [row] });
  }

  // -- reading -----------------------------------------------------------------------------------------------

  /**
   * Return a record as this phone sees it; throws ReadingLocked once its lease is over, as all reading does.
   * @param {string} record
   * @returns {Promise<view.Shown>}
   */
  async show(record) {
    await lease.checkReadable(this.kit);
    return view.show(this.kit, record);
  }

  /** @param {string} type @returns {Promise<view.Shown[]>} every record of a type that this phone holds */
  async list(type) {
    await lease.checkReadable(this.kit);
    return view.list(this.kit, type);
  }

  /** @returns {Promise<{leftMs: number | null, locked: boolean}>} for how long it shows what it holds; null: for ever */
  async lease() {
    const leftMs = await lease.leftMs(this.kit);
    return { leftMs, locked: leftMs === 0 };
  }

  /**
   * Return the items of an inspection's checklist with their answers, offline; throws NoCatalogue.
   * @param {string} inspection
   * @param {string} [text] only items in which every word of it stands
   * @returns {Promise<catalogues.Standing[]>}
   */
  async checklist(inspection, text = '') {
    await lease.checkReadable(this.kit);
    return catalogues.checklist(this.kit, inspection, text);
  }

  /**
   * Return the violations frozen on an inspection, offline; throws NoCatalogue.
   * @param {string} inspection
   * @param {string} [text] only those in which every word of it stands
   * @returns {Promise<Record<string, any>[]>}
   */
  async violations(inspection, text = '') {
    await lease.checkReadable(this.kit);
    return catalogues.search(await catalogues.frozen(this.kit, inspection, 'violation'), text);
  }

  /** @param {string} evidence @returns {Promise<Uint8Array>} the plain bytes of its file, verified */
  async readFile(evidence) {
    return files.read(this.kit, (await this.show(evidence)).values);
  }

  // -- syncing -----------------------------------------------------------------------------------------------

  /**
   * Send, receive, upload, check; each part goes on where another fails, and nothing is lost by any.
   *
   * The report's `epoch` tells that the ledger was recovered after a disaster and goes on in a new epoch; `wiped`, that
   * the phone was reported lost and has erased itself: its journal is gone.
   * Throws SyncRunning alone; everything else is in the report.
   * @param {{onProgress?: (told: Progress) => void}} [how]
   * @returns {Promise<Record<string, any>>}
   */
  async sync({ onProgress = () => {} } = {}) {
    if (this.#syncing) throw new SyncRunning('another sync of this phone is running');
    this.#syncing = true;
    const report = {
      pushed: { sets: 0, changes: 0, verdicts: {} },
      pulled: { items: 0, evicted: 0, checked: 0, pages: 0, mended: 0 },
      fetched: { catalogues: 0, bytes: 0, dropped: 0 },
      uploaded: { files: 0, bytes: 0 },
      errors: [],
      alarm: null,
      epoch: null,
      wiped: false,
    };
    try {
      await this.#part(report, 'standing', () => dismissal.ask(this.kit), () => {});
      await this.#part(report, 'push', (tell) => push(this.kit, report.pushed, tell), onProgress);
      await this.#part(report, 'pull', (tell) => pull(this.kit, report.pulled, tell), onProgress);
      // What a new epoch lacks waits for a receipt again.
      if (report.epoch) await this.#part(report, 'push', (tell) => push(this.kit, report.pushed, tell), onProgress);
      await this.#part(report, 'catalogues', () => catalogues.fetch(this.kit, report.fetched), onProgress);
      await this.#part(report, 'files', (tell) => files.upload(this.kit, report.uploaded, tell), onProgress);
      await this.#part(report, 'check', () => checkRecords(this.kit, report.pulled), onProgress);
      await settleLooks(this.kit);
      await tidy(this.kit);
      report.alarm = (await this.kit.journal.get('alarm')) ?? null;
      if (!report.alarm && !report.errors.length) await this.kit.journal.write([['synced', this.kit.transport.nowMs()]]);
      if (await dismissal.mayGo(this.kit)) {
        await this.kit.journal.erase();
        report.wiped = true;
      }
      return report;
    } finally {
      this.#syncing = false;
    }
  }

  /**
   * Return what was not sent as one sealed file, for the desk; see outbox_file.js. Throws SyncRunning, StaleKeys.
   * @returns {Promise<import('./outbox_file.js').Exported>}
   */
  async exportOutbox() {
    if (this.#syncing) throw new SyncRunning('a sync of this phone is running');
    this.#syncing = true;
    try {
      return await exported(this.kit);
    } finally {
      this.#syncing = false;
    }
  }

  async #part(report, part, act, onProgress) {
    if (report.errors.some(({ code }) => ['alarmed', 'stopped'].includes(code))) return;
    if (await dismissal.mustGoNow(this.kit)) return;
    try {
      onProgress({ part, done: 0, total: null });
      const tell = (changed) => (report.epoch = changed);
      await epochs.following(this.kit, tell, () => act((told) => onProgress({ part, ...told })));
    } catch (error) {
      const contradiction = [BadProof, BadSignature, PinMismatch].some((kind) => error instanceof kind);
      if (error instanceof ServerRefused) await dismissal.heed(this.kit, error);
      if (contradiction) await this.kit.raiseAlarm(error.detail);
      else if (![Trouble, ServerRefused, Refusal].some((kind) => error instanceof kind)) throw error;
      report.errors.push({ part, code: contradiction ? 'alarmed' : error.code, detail: error.detail });
    }
  }

  /** @returns {Promise<Record<string, any>>} how the phone stands */
  async status() {
    const { journal, me, transport } = this.kit;
    const changes = (await journal.rows('change/')).map(([, row]) => row);
    const looks = changes.filter((row) => row.settled === false);
    const waiting = (await journal.rows('file/')).map(([, file]) => file).filter((file) => file.state === 'waiting');
    const { leftMs, locked } = await this.lease();
    return {
      former: me.former ?? null,
      shut_out: (await journal.get('shut_out')) ?? null,
      lease_left_ms: leftMs,
      reading_locked: locked,
      files_waiting: waiting.length,
      files_waiting_bytes: waiting.reduce((sum, { size }) => sum + size, 0),
      epoch_change: await epochs.recovered(this.kit),
      synced_ms: (await journal.get('synced')) ?? null,
      device: me.device,
      user: me.user,
      origin: me.origin,
      alarm: (await journal.get('alarm')) ?? null,
      stopped: (await journal.get('stopped')) ?? null,
      app: await this.kit.appWord(),
      outbox: changes.filter((row) => row.seq === undefined).length,
      unacknowledged: changes.filter((row) => row.seq !== undefined && !row.outcome).length,
      attention: looks.map(({ id, record, outcome }) => ({ id, record, ...outcome })),
      head: await this.kit.seen(),
      clock_offset_ms: transport.offsetMs,
    };
  }
}

function rowOf({ id, record, type, tx, line, private: lines }) {
  return { id, record, type, tx, line, private: lines.map((one) => one.line) };
}

async function transportOf(url, /** @type {Parts} */ { journal, clock, fetch: fetching, sleep }) {
  const learn = (offsetMs) => journal.write([['offset', offsetMs]]);
  const transport = new Transport({ url, clock, fetch: fetching, sleep, learn });
  transport.offsetMs = (await journal.get('offset')) ?? 0;
  return transport;
}

/** @param {Parts} parts */
const keyringOf = ({ keyring, random = systemRandom }) => keyring ?? seedKeyring(random);

function kitOf(me, transport, { journal, clock, types, signer, random = systemRandom }) {
  transport.signer = { key: signer, device: me.device };
  return new Kit({ me, journal, transport, clock, random, types, signer });
}
