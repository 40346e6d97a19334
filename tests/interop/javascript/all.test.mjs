/** Every golden vector, read by the protocol in JavaScript. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import './answers.mjs';
import './changes.mjs';
import './tree.mjs';
import './wire.mjs';
import { unread } from './vectors.mjs';

test('no vector is left that nobody reads', () => {
  assert.deepEqual(unread(), []);
});
