/**
 * A phone on the command line: JSON in, JSON out, one line each.
 *
 *     node cli.js FOLDER [--types DESCRIBED.json] [--wall-offset MS]
 *
 * A line `{"do": "sync"}` is answered by `{"ok": ...}` or `{"error": {"code", "detail"}}`; what a command needs
 * stands beside `do`, as in COMMANDS below. The record types are those of generated/records.json unless named.
 */

import './node/platform.js';

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { typesOf } from './compose.js';
import { Refusal } from './errors.js';
import { numbered } from './journal.js';
import { b64, digest, isObject, unb64 } from './lines.js';
import { FolderJournal } from './node/folder_journal.js';
import { systemClock } from './node/platform.js';
import { Phone } from './phone.js';
import { sealNext, sendSet } from './push.js';
import { ServerRefused, Trouble } from './trouble.js';

const USAGE = 'node cli.js FOLDER [--types DESCRIBED.json] [--wall-offset MS]; then JSON lines, one command each\n';
const DESCRIBED = new URL('../generated/records.json', import.meta.url);

/** @type {Record<string, (phone: Phone, line: any) => any>} */
const COMMANDS = {
  create: (phone, { type, values }) => phone.create(type, values),
  edit: (phone, { record, values, remove }) => phone.edit(record, values, remove),
  step: (phone, { record, stages }) => phone.step(record, ...stages),
  void: (phone, { record }) => phone.void(record),
  restore: (phone, { record }) => phone.restore(record),
  resolve: (phone, { conflict, value }) => phone.resolve(conflict, value),
  keep: async (phone, { drafts, together }) => (await phone.keep(drafts, { together })).map((change) => change.id),
  take_evidence: (phone, { content, values }) => phone.takeEvidence([unb64(content)], values),
  show: (phone, { record }) => phone.show(record),
  list: (phone, { type }) => phone.list(type),
  read_file: async (phone, { evidence }) => b64(await phone.readFile(evidence)),
  sync: async (phone, { progress }) => {
    const told = [];
    const report = await phone.sync({ onProgress: (one) => told.push(one) });
    return progress ? { ...report, progress: told } : report;
  },
  lease: (phone) => phone.lease(),
  checklist: (phone, { inspection, text }) => phone.checklist(inspection, text),
  violations: (phone, { inspection, text }) => phone.violations(inspection, text),
  repin: (phone, { invite }) => phone.repin(invite),
  status: (phone) => phone.status(),
  export: async (phone, { file }) => {
    const { stream, ...told } = await phone.exportOutbox();
    await writeFile(file, stream);
    return told;
  },
  seal: (phone) => sealNext(phone.kit),
  send: async (phone, { seq }) => {
    const done = { sets: 0, changes: 0, verdicts: {} };
    await sendSet(phone.kit, seq, done);
    return done;
  },
  set: async (phone, { seq }) => {
    const found = await phone.kit.journal.get(numbered('set', seq));
    return { ...found, digest: digest(found.manifest) };
  },
};

/** Answers commands over one journal. */
export class Desk {
  #phone = null;

  /** @param {import('./phone.js').Parts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /**
   * Return what a command answers; throws what went wrong.
   * @param {Record<string, any>} line
   * @returns {Promise<any>}
   */
  async answer(line) {
    if (line.do === 'enrol') {
      this.#phone = await Phone.enrol(line.invite, { ...this.parts, kem: line.kem, app: line.app });
      return this.#phone.status();
    }
    if (!Object.hasOwn(COMMANDS, line.do)) throw new Trouble(`there is no command ${line.do}`);
    this.#phone ??= await Phone.open(this.parts);
    return COMMANDS[line.do](this.#phone, line);
  }
}

/** Return the command that a line holds; throws Trouble for a line that is no object in JSON. */
function commandOf(line) {
  let command;
  try {
    command = JSON.parse(line);
  } catch {
    throw new Trouble('a line holds one command in JSON');
  }
  if (!isObject(command)) throw new Trouble('a line holds one command in JSON');
  return command;
}

/** Return an error as it is answered; one that is nobody's word is a fault of ours and ends the program. */
function told(error) {
  if (![Refusal, Trouble, ServerRefused].some((kind) => error instanceof kind)) throw error;
  return { code: error.code, detail: error.detail, ...error.problem };
}

async function main() {
  const options = /** @type {const} */ ({ types: { type: 'string' }, 'wall-offset': { type: 'string', default: '0' } });
  const { positionals, values } = parseArgs({ options, allowPositionals: true });
  if (positionals.length !== 1) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const types = typesOf(JSON.parse(readFileSync(String(values.types ?? fileURLToPath(DESCRIBED)), 'utf8')));
  const journal = await FolderJournal.open(positionals[0]);
  const offset = Number(values['wall-offset']);
  const clock = { ...systemClock, wall: () => systemClock.wall() + offset };
  const desk = new Desk({ journal, clock, types });
  for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = { ok: (await desk.answer(commandOf(line))) ?? null };
    } catch (error) {
      answer = { error: told(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await journal.close();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
