/**
 * A phone's journal in IndexedDB, for browsers: one step is one transaction, flushed to the disk before it resolves.
 *
 * Rows are kept as bytes that a cipher sealed, if one is given; their keys stay readable, and so must name nobody.
 * Files are ciphers already and lie in pieces, so that a part of a long one is read without the rest.
 * One tab has the journal at a time. What was read is kept in memory, opened, until the journal is closed.
 */

import { bytes, text } from '../lines.js';
import { Damaged, InAnotherTab, JournalLost, JournalNewer, StorageFull, Trouble } from '../trouble.js';

export const VERSION = 1;
export const PIECE_BYTES = 1024 * 1024;
const [ROWS, BLOBS, PIECES, KEYS] = ['rows', 'blobs', 'pieces', 'keys'];
const STRICT = /** @type {const} */ ({ durability: 'strict' });
const AFTER_ALL = '\uffff';

/**
 * @typedef {object} Cipher seals what a row holds; it is bound to the row's name, so that none takes another's place
 * @property {(bytes: Uint8Array, name: string) => Promise<Uint8Array>} seal
 * @property {(bytes: Uint8Array, name: string) => Promise<Uint8Array>} open
 */

/** @type {Cipher} */
const NO_CIPHER = { seal: async (given) => given, open: async (given) => given };

/** @typedef {import('../journal.js').Journal} Journal */

/** @implements {Journal} */
export class IdbJournal {
  /** @type {IDBDatabase} */ #db;
  /** @type {Cipher} */ #cipher;
  #known = new Map();
  #whole = new Set();
  #turn = Promise.resolve();
  /** @type {Trouble | null} */ #gone = null;
  #release = () => {};
  #held = Promise.resolve();

  /**
   * Open the journal of a name, or make it.
   *
   * Throws InAnotherTab while another tab has it, JournalLost where it must be there and is not (the browser evicted
   * it), JournalNewer where a newer app wrote it, StorageFull.
   * @param {string} name of the database
   * @param {{cipher?: Cipher, mustExist?: boolean, takeOver?: boolean, locks?: LockManager | null}} [how]
   *   takeOver: take it from the other tab, whose journal is then closed; locks: null where there is one tab only
   * @returns {Promise<IdbJournal>}
   */
  static async open(name, how = {}) {
    const { cipher = NO_CIPHER, mustExist = false, takeOver = false, locks = globalThis.navigator?.locks } = how;
    const journal = new IdbJournal();
    journal.#cipher = cipher;
    if (locks) await journal.#lock(locks, name, takeOver);
    try {
      journal.#db = await opened(name, mustExist);
      journal.#db.onclose = () => journal.#end(new JournalLost('the browser closed the journal'));
      journal.#db.onversionchange = () => journal.#end(new InAnotherTab('another tab changes the journal'));
      await journal.#sweep();
    } catch (error) {
      journal.#end(new JournalLost('this journal was not opened'));
      await journal.#held;
      throw error;
    }
    return journal;
  }

  /**
   * Delete a journal that is not open, with the keys in it; no error where there is none.
   * @param {string} name
   */
  static async erase(name) {
    const request = indexedDB.deleteDatabase(name);
    await asked(request, (blocked) => (request.onblocked = blocked));
  }

  // -- rows ------------------------------------------------------------------------------------------------------

  async get(key) {
    if (!this.#isWhole(key) && !this.#known.has(key)) await this.#inTurn(() => this.#load(key, key, [key]));
    return valueOf(this.#known.get(key));
  }

  /** @param {string} prefix @returns {Promise<[string, any][]>} */
  async rows(prefix) {
    if (!this.#isWhole(prefix)) await this.#inTurn(() => this.#load(prefix, prefix + AFTER_ALL, []));
    this.#whole.add(prefix);
    const keys = [...this.#known.keys()].filter((key) => key.startsWith(prefix) && this.#known.get(key) !== undefined);
    return keys.sort().map((key) => [key, valueOf(this.#known.get(key))]);
  }

  async write(rows) {
    if (!rows.length) return;
    const texts = new Map(rows.map(([key, value]) => [key, value === undefined ? undefined : JSON.stringify(value)]));
    const seal = async ([key, json]) => [key, json === undefined ? undefined : await this.#cipher.seal(bytes(json), key)];
    await this.#inTurn(async () => {
      // Sealed before the transaction: one that waits for anything else than itself is over.
      const sealed = await Promise.all([...texts].map(seal));
      await this.#step([ROWS], ([store]) => {
        for (const [key, value] of sealed) value === undefined ? store.delete(key) : store.put(value, key);
      });
      for (const [key, json] of texts) this.#known.set(key, json);
    });
  }

  #isWhole(key) {
    return [...this.#whole].some((prefix) => key.startsWith(prefix));
  }

  /** Read and open the rows from one key to another; `asked` are known from now on, be there any or not. */
  async #load(from, to, asked) {
    const [keys, values] = await this.#read([ROWS], ([store]) => {
      const range = IDBKeyRange.bound(from, to);
      return [store.getAllKeys(range), store.getAll(range)];
    });
    const texts = await Promise.all(keys.map((key, n) => this.#openRow(key, values[n])));
    for (const key of asked) this.#known.set(key, undefined);
    keys.forEach((key, n) => this.#known.set(key, texts[n]));
  }

  async #openRow(key, value) {
    try {
      return text(await this.#cipher.open(value, key));
    } catch (error) {
      if (error instanceof Trouble) throw error;
      throw new Damaged(`the row ${key.split('/')[0]} is not what was sealed`);
    }
  }

  // -- blobs -----------------------------------------------------------------------------------------------------

  async putBlob(name, chunks) {
    const id = crypto.randomUUID();
    let size = 0;
    let count = 0;
    try {
      for await (const bytes of pieces(chunks)) {
        const place = [id, count];
        await this.#step([PIECES], ([store]) => store.put(bytes, place));
        count += 1;
        size += bytes.length;
      }
      // Until this row names them the pieces belong to nothing, and are swept away when the journal is next opened.
      const old = await this.#blob(name);
      await this.#step([BLOBS, PIECES], ([blobs, store]) => {
        blobs.put({ id, size }, name);
        if (old) store.delete(rangeOf(old.id));
      });
    } catch (error) {
      if (!this.#gone) await this.#step([PIECES], ([store]) => store.delete(rangeOf(id))).catch(() => {});
      throw error;
    }
  }

  async readBlob(name, from, length) {
    const blob = await this.#blob(name);
    const end = Math.min(from + length, blob?.size ?? 0);
    if (end <= from) return new Uint8Array();
    const whole = new Uint8Array(end - from);
    for (let n = Math.floor(from / PIECE_BYTES); n * PIECE_BYTES < end; n += 1) {
      const [piece] = await this.#read([PIECES], ([store]) => [store.get([blob.id, n])]);
      if (!piece) throw new Damaged('a piece of a file is missing');
      const start = n * PIECE_BYTES;
      const part = piece.subarray(Math.max(from - start, 0), Math.min(end - start, piece.length));
      whole.set(part, Math.max(start - from, 0));
    }
    return whole;
  }

  async dropBlob(name) {
    const blob = await this.#blob(name);
    if (!blob) return;
    await this.#step([BLOBS, PIECES], ([blobs, store]) => {
      blobs.delete(name);
      store.delete(rangeOf(blob.id));
    });
  }

  async renameBlob(from, to) {
    const blob = await this.#blob(from);
    const old = await this.#blob(to);
    if (!blob || from === to) return;
    await this.#step([BLOBS, PIECES], ([blobs, store]) => {
      blobs.put(blob, to);
      blobs.delete(from);
      if (old) store.delete(rangeOf(old.id));
    });
  }

  async #blob(name) {
    return (await this.#read([BLOBS], ([store]) => [store.get(name)]))[0];
  }

  /** Delete the pieces that no blob names: their writing was cut off. */
  async #sweep() {
    const [blobs, firsts] = await this.#read([BLOBS, PIECES], ([store, piecesStore]) => [
      store.getAll(), piecesStore.getAllKeys(),
    ]);
    const named = new Set(blobs.map(({ id }) => id));
    const lost = [...new Set(firsts.map(([id]) => id))].filter((id) => !named.has(id));
    if (lost.length) await this.#step([PIECES], ([store]) => lost.forEach((id) => store.delete(rangeOf(id))));
  }

  // -- keys that cannot be read ------------------------------------------------------------------------------------

  /** Keep a CryptoKey beside the rows; one that is not extractable never leaves this browser. */
  async putKey(/** @type {string} */ name, /** @type {CryptoKey} */ key) {
    await this.#step([KEYS], ([store]) => store.put(key, name));
  }

  /** @param {string} name @returns {Promise<CryptoKey | undefined>} a key that was kept */
  async getKey(name) {
    return (await this.#read([KEYS], ([store]) => [store.get(name)]))[0];
  }

  // -- the end -----------------------------------------------------------------------------------------------------

  async close() {
    await this.#turn;
    this.#end(new JournalLost('this journal was closed'));
    await this.#held;
  }

  async erase() {
    await this.#turn;
    // The keys first: whatever may be left of the rest is then nobody's to open.
    await this.#step([KEYS], ([store]) => store.clear());
    await this.#step([ROWS, BLOBS, PIECES], (stores) => stores.forEach((store) => store.clear()));
    const { name } = this.#db;
    this.#end(new JournalLost('this journal was erased'));
    await IdbJournal.erase(name);
  }

  #end(/** @type {Trouble} */ why) {
    this.#gone ??= why;
    this.#known.clear();
    this.#whole.clear();
    this.#db?.close();
    this.#release();
  }

  /** Hold the journal's lock until it is closed. */
  async #lock(locks, name, steal) {
    const how = steal ? { steal } : { ifAvailable: true };
    await new Promise((resolve, reject) => {
      const held = locks.request(`wardledger ${name}`, how, (lock) => {
        if (!lock) return reject(new InAnotherTab('another tab of this app is open'));
        resolve(undefined);
        return new Promise((done) => (this.#release = () => done(undefined)));
      });
      this.#held = held.catch(() => this.#end(new InAnotherTab('another tab of this app went on')));
    });
  }

  #inTurn(act) {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #step(names, act) {
    await this.#transaction(names, 'readwrite', act);
  }

  async #read(names, act) {
    return this.#transaction(names, 'readonly', act);
  }

  /** Run one transaction; resolves once it is committed, to the results of the requests that `act` returns. */
  #transaction(names, mode, act) {
    if (this.#gone) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      let requests;
      const failed = (error) => reject(this.#gone ?? troubleOf(error));
      try {
        const transaction = this.#db.transaction(names, mode, mode === 'readwrite' ? STRICT : {});
        transaction.oncomplete = () => resolve(Array.isArray(requests) ? requests.map(({ result }) => result) : []);
        transaction.onabort = () => failed(transaction.error);
        requests = act(names.map((name) => transaction.objectStore(name)));
      } catch (error) {
        failed(error);
      }
    });
  }
}

const valueOf = (json) => (json === undefined ? undefined : JSON.parse(json));

const rangeOf = (id) => IDBKeyRange.bound([id], [id, []]);

/** Yield what comes in pieces of one size, the last one shorter. */
async function* pieces(chunks) {
  let piece = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + PIECE_BYTES - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = new Uint8Array(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled) yield piece.slice(0, filled);
}

function opened(name, mustExist) {
  const request = indexedDB.open(name, VERSION);
  let missing = false;
  request.onupgradeneeded = () => {
    missing = mustExist;
    // Nothing is made in the place of what was lost.
    if (missing) request.transaction.abort();
    else for (const store of [ROWS, BLOBS, PIECES, KEYS]) request.result.createObjectStore(store);
  };
  return asked(request, (blocked) => (request.onblocked = blocked)).catch((error) => {
    throw missing ? new JournalLost('the journal is not in this browser any more') : error;
  });
}

/** Return the result of a request on a database; throws InAnotherTab where another tab keeps it open. */
function asked(request, whenBlocked) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(troubleOf(request.error));
    whenBlocked(() => reject(new InAnotherTab('another tab of this app keeps the journal open')));
  });
}

/** Return what an error of the database means to the phone's user. */
function troubleOf(error) {
  const said = error?.name ?? 'AbortError';
  if (said === 'QuotaExceededError') return new StorageFull('there is no room left for what was to be kept');
  if (said === 'VersionError') return new JournalNewer('a newer version of the app wrote this journal');
  if (['InvalidStateError', 'NotFoundError'].includes(said)) return new JournalLost('the journal is gone');
  return new Damaged(`the browser's storage failed: ${said}`);
}
