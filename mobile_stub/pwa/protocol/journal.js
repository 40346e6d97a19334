/**
 * What a phone remembers, as a small interface, and an adapter that keeps it in memory.
 *
 * Rows are plain JSON under text keys. A write is one step: all of its rows or none, durable when it resolves;
 * what a step names together (a set and its changes, a page and its cursor) therefore never comes apart.
 * Blobs hold the ciphers of files. Whoever writes an adapter passes the contract in tests/interop/javascript.
 *
 * Keys: me, head, anchor, cursor, keys, offset, alarm, stopped, checked, synced, lease, shut_out, handed, repin, summed,
 * doubted, number, and of a recovery epoch, opened, lost; change/<n>, set/<seq>, record/<id>, file/<cipher digest>,
 * catalogue/<digest>, former/<n> (sets of the device whose place this one took; a change in one has seq -n), and
 * lost/<seq> (receipts of an earlier epoch). Numbers with twelve digits, so that rows come in their order.
 */

/**
 * @typedef {object} Journal
 * @property {(key: string) => Promise<any>} get undefined where there is none
 * @property {(prefix: string) => Promise<[string, any][]>} rows in the order of their keys
 * @property {(rows: any[][]) => Promise<void>} write [key, value] each; undefined removes a row
 * @property {(name: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>} putBlob whole or not at all
 * @property {(name: string, from: number, length: number) => Promise<Uint8Array>} readBlob empty past its end
 * @property {(name: string) => Promise<void>} dropBlob no error where there is none
 * @property {(from: string, to: string) => Promise<void>} renameBlob in one step; no error where there is none
 * @property {() => Promise<void>} erase deletes all that it holds, for good, and closes it
 * @property {() => Promise<void>} close
 */

const DIGITS = 12;

/** @param {string} kind @param {number} n @returns {string} the key of a numbered row */
export const numbered = (kind, n) => `${kind}/${String(n).padStart(DIGITS, '0')}`;

/** @param {string} key @returns {number} the number of a numbered row */
export const numberOf = (key) => Number(key.slice(key.indexOf('/') + 1));

/** A journal that ends with its process. @implements {Journal} */
export class MemoryJournal {
  #rows = new Map();
  #blobs = new Map();

  async get(key) {
    return copied(this.#rows.get(key));
  }

  /** @param {string} prefix @returns {Promise<[string, any][]>} */
  async rows(prefix) {
    const keys = [...this.#rows.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.map((key) => [key, copied(this.#rows.get(key))]);
  }

  async write(rows) {
    for (const [key, value] of rows.map(([name, given]) => [name, copied(given)])) {
      if (value === undefined) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
  }

  async putBlob(name, chunks) {
    const parts = [];
    for await (const chunk of chunks) parts.push(chunk.slice());
    this.#blobs.set(name, new Uint8Array(await new Blob(parts).arrayBuffer()));
  }

  async readBlob(name, from, length) {
    return (this.#blobs.get(name) ?? new Uint8Array()).slice(from, from + length);
  }

  async dropBlob(name) {
    this.#blobs.delete(name);
  }

  async renameBlob(from, to) {
    if (!this.#blobs.has(from)) return;
    this.#blobs.set(to, this.#blobs.get(from));
    this.#blobs.delete(from);
  }

  async erase() {
    this.#rows.clear();
    this.#blobs.clear();
  }

  async close() {}
}

/** What is in the journal is nobody's to alter, nor what came from it. */
function copied(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
