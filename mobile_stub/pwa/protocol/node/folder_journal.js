/**
 * A phone's journal as a folder, for Node: tools and tests. An append-only log of steps, and one file a blob.
 *
 * Each line of the log is `<digest of the step> <the step>`, flushed before write() resolves; a last line that
 * was cut by a crash does not match its digest and is passed over. The folder is readable by its owner alone;
 * nothing in it is encrypted, which is the app's business where there is a screen lock to derive a key from.
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync,
} from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { digest } from '../lines.js';
import { MemoryJournal } from '../journal.js';
import { Damaged, JournalLost, SyncRunning } from '../trouble.js';

const OWNER_FILE = 0o600;
const OWNER_FOLDER = 0o700;

/** @typedef {import('../journal.js').Journal} Journal */

/** @implements {Journal} */
export class FolderJournal {
  #rows = new MemoryJournal();
  #log;
  #folder;

  /**
   * Open or make the journal in a folder; throws SyncRunning while another process has it, Damaged for a log
   * that is broken before its last line.
   * @param {string} folder
   * @returns {Promise<FolderJournal>}
   */
  static async open(folder) {
    const journal = new FolderJournal();
    mkdirSync(join(folder, 'blobs'), { recursive: true, mode: OWNER_FOLDER });
    journal.#folder = folder;
    journal.#lock();
    const steps = readSteps(join(folder, 'log'));
    for (const step of steps) await journal.#rows.write(step.map(([key, value]) => [key, value ?? undefined]));
    await journal.#compact();
    return journal;
  }

  get(key) {
    return this.#rows.get(key);
  }

  rows(prefix) {
    return this.#rows.rows(prefix);
  }

  async write(rows) {
    if (!rows.length) return;
    if (this.#log === undefined) throw new JournalLost('this journal was closed or erased');
    append(this.#log, rows);
    await this.#rows.write(rows);
  }

  async putBlob(name, chunks) {
    const made = `${this.#place(name)}.new`;
    const file = await open(made, 'w', OWNER_FILE);
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    renameSync(made, this.#place(name));
    flushFolder(join(this.#folder, 'blobs'));
  }

  async readBlob(name, from, length) {
    let file;
    try {
      file = await open(this.#place(name));
    } catch {
      return new Uint8Array();
    }
    try {
      const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async dropBlob(name) {
    await rm(this.#place(name), { force: true });
  }

  async renameBlob(from, to) {
    try {
      renameSync(this.#place(from), this.#place(to));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    flushFolder(join(this.#folder, 'blobs'));
  }

  async erase() {
    // The log holds the keys of everything else.
    await this.#rows.erase();
    const log = join(this.#folder, 'log');
    writeFileSync(log, randomBytes(statSync(log).size), { flag: 'r+', flush: true });
    rmSync(log);
    flushFolder(this.#folder);
    await this.close();
    rmSync(this.#folder, { recursive: true });
  }

  async close() {
    if (this.#log === undefined) return;
    closeSync(this.#log);
    this.#log = undefined;
    rmSync(join(this.#folder, 'lock'), { force: true });
  }

  #place(name) {
    return join(this.#folder, 'blobs', encodeURIComponent(name));
  }

  /** One process at a time: a lock of a process that is gone is taken over. */
  #lock() {
    const path = join(this.#folder, 'lock');
    const holder = Number(readOr(path, '0'));
    const taken = holder && holder !== process.pid && isAlive(holder);
    if (taken) throw new SyncRunning(`process ${holder} has this journal`);
    const file = openSync(path, 'w', OWNER_FILE);
    writeSync(file, String(process.pid));
    closeSync(file);
  }

  /** Write the rows that stand as one step into a new log, which takes the old one's place. */
  async #compact() {
    const path = join(this.#folder, 'log');
    const made = openSync(`${path}.new`, 'w', OWNER_FILE);
    append(made, await this.#rows.rows(''));
    closeSync(made);
    renameSync(`${path}.new`, path);
    flushFolder(this.#folder);
    this.#log = openSync(path, 'a', OWNER_FILE);
  }
}

function append(log, rows) {
  const step = JSON.stringify(rows.map(([key, value]) => [key, value ?? null]));
  writeSync(log, `${digest(step)} ${step}\n`);
  fsyncSync(log);
}

function readSteps(path) {
  const lines = readOr(path, '').split('\n');
  const cut = lines.pop();
  const steps = [];
  lines.forEach((line, n) => {
    const step = line.slice(65);
    if (digest(step) === line.slice(0, 64)) steps.push(JSON.parse(step));
    else if (n < lines.length - 1 || cut) throw new Damaged(`line ${n + 1} of the journal is not what was written`);
  });
  return steps;
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

function flushFolder(path) {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
