/** The golden vectors as tests: every case of a file is run, and what no test reads is found at the end. */

import '../../../mobile_stub/pwa/protocol/node/platform.js';

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { Refusal } from '../../../mobile_stub/pwa/protocol/errors.js';

// A test may name another folder, to see that a vector which is wrong or new is noticed.
const { VECTORS } = process.env;
const FOLDER = VECTORS ? pathToFileURL(`${VECTORS}/`) : new URL('../../../schemas/vectors/', import.meta.url);
const read = new Set();

/** @returns {string[]} the names of all vector files, without their ending */
export function files() {
  const below = ({ name }) => readdirSync(new URL(`${name}/`, FOLDER)).map((file) => `${name}/${file}`);
  const entries = readdirSync(FOLDER, { withFileTypes: true });
  const listed = entries.flatMap((entry) => (entry.isDirectory() ? below(entry) : entry.name));
  return listed.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5)).sort();
}

/** @returns {string[]} the names of the files that no test has read */
export const unread = () => files().filter((name) => !read.has(name));

/**
 * Run a test for each case of a file; a member of a case that the test does not look at fails it.
 * @param {string} name
 * @param {(one: any, common: any) => void | Promise<void>} check
 */
export function each(name, check) {
  const { cases, about, ...common } = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  assert.ok(about && cases.length, `${name} holds no cases`);
  read.add(name);
  for (const one of cases) {
    test(`${name}: ${one.name}`, async () => {
      const looked = new Set(['name']);
      const watched = new Proxy(one, { get: (target, key) => (looked.add(key), target[key]) });
      await check(watched, common);
      const passedOver = Object.keys(one).filter((key) => !looked.has(key));
      assert.deepEqual(passedOver, [], 'members that the test did not read');
    });
  }
}

/**
 * Return the code of the refusal with which an act ends, null where it succeeds; any other error is a fault.
 * @param {() => any} act
 * @returns {Promise<string | null>}
 */
export async function codeOf(act) {
  try {
    await act();
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.code;
  }
}
