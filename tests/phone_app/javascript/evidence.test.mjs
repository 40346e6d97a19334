/** Evidence: how an item stands, codes told apart, a sheet drawn upright, a recording sealed while it runs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { traceCode } from '../../../mobile_stub/pwa/app/capture/codes.js';
import { isSheet, upright, uprightSize } from '../../../mobile_stub/pwa/app/capture/perspective.js';
import { Discarded, Recording } from '../../../mobile_stub/pwa/app/capture/recording.js';
import { isStillHere, openFor, stateOf } from '../../../mobile_stub/pwa/app/evidence/standing.js';

// -- states --------------------------------------------------------------------------------------------------

const item = (stage = 'captured', life = 'live') => ({ values: { stage }, life });
const KEPT = { seq: undefined };
const SENT = { seq: 1 };
const DONE = { seq: 1, outcome: { verdict: 'applied' } };
const STATES = [
  ['kept', item(), [KEPT], { state: 'waiting' }],
  ['sent', item(), [SENT], { state: 'waiting' }],
  ['file_waiting', item(), [DONE], { state: 'waiting' }],
  ['received', item(), [DONE], { state: 'sent' }],
  ['pending_review', item('pending_review'), [DONE], { state: 'sent' }],
  ['approved', item('approved'), [], undefined],
  ['returned', item('returned'), [DONE], { state: 'sent' }],
  ['trouble', item(), [{ ...DONE, settled: false }], { state: 'waiting' }],
  ['voided', item('captured', 'voided'), [KEPT, KEPT], { state: 'waiting' }],
];
for (const [state, shown, changes, file] of STATES) {
  test(`an item reads ${state} when it is so`, () => assert.equal(stateOf(shown, changes, file), state));
}

test('an approved item that was edited since is no more than kept until the edit has its receipt', () => {
  assert.equal(stateOf(item('approved'), [DONE, KEPT], { state: 'sent' }), 'kept');
});

test('only what has not left the phone may be taken back there', () => {
  assert.equal(isStillHere([KEPT, KEPT]), true);
  assert.equal(isStillHere([DONE, KEPT]), false);
  assert.equal(isStillHere([]), false);
});

test('evidence is taken for own inspections that still take it, the one on site first', () => {
  const visit = (id, stage, members = ['me'], life = 'live') => ({ id, life, values: { stage, members, planned_on: '2026-11-23' } });
  const all = [
    visit('signed', 'record_signed'), visit('b', 'approved'), visit('here', 'on_site'),
    visit('others', 'on_site', ['other']), visit('gone', 'on_site', ['me'], 'voided'),
  ];
  assert.deepEqual(openFor(all, 'me').map(({ id }) => id), ['here', 'b']);
});

// -- codes ---------------------------------------------------------------------------------------------------

test('a trace code is twenty digits, however it is written', () => {
  const code = '81234567890123456789';
  for (const text of [code, ' 8123 4567 8901 2345 6789 ', '８１２３４５６７８９０１２３４５６７８９', `https://trace.example/c/${code}`]) {
    assert.deepEqual(traceCode(text), { code });
  }
});

for (const [fault, text] of [['bar_code', '6901234567892'], ['length', '123456'], ['length', '812345678901234567890'], ['not_digits', '8123456789012345678X'], ['empty', '  ']]) {
  test(`what is no trace code is told apart: ${fault} of ${text}`, () => assert.equal(traceCode(text).fault, fault));
}

// -- a sheet -------------------------------------------------------------------------------------------------

/** A picture in which the red is the column and the green is the row. */
function slope(width, height) {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let n = 0; n < width * height; n += 1) data.set([n % width, Math.floor(n / width), 7, 255], 4 * n);
  return { width, height, data };
}

test('the whole picture between its own corners is itself', () => {
  const source = slope(20, 10);
  const made = upright(source, [[0, 0], [20, 0], [20, 10], [0, 10]]);
  assert.deepEqual([made.width, made.height], [20, 10]);
  assert.deepEqual(made.data, source.data);
});

test('each corner of a slanting sheet lands in its corner of the upright one', () => {
  const corners = [[40, 20], [180, 40], [160, 170], [20, 150]];
  const { width, height, data } = upright(slope(200, 200), corners, { width: 400, height: 400 });
  const at = (x, y) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 2)];
  const near = (got, [x, y]) => got.every((one, n) => Math.abs(one - [x, y][n]) <= 2);
  const ends = [at(0, 0), at(width - 1, 0), at(width - 1, height - 1), at(0, height - 1)];
  ends.forEach((got, n) => assert.ok(near(got, corners[n]), `${got} is not near ${corners[n]}`));
});

test('a sheet is as large as its longer edges, and never larger than can be drawn', () => {
  assert.deepEqual(uprightSize([[0, 0], [100, 0], [100, 50], [0, 50]]), { width: 100, height: 50 });
  assert.deepEqual(uprightSize([[0, 0], [8800, 0], [8800, 4400], [0, 4400]]), { width: 2200, height: 1100 });
});

test('corners that cross are no sheet', () => {
  assert.equal(isSheet([[0, 0], [1, 0], [1, 1], [0, 1]]), true);
  assert.equal(isSheet([[0, 0], [1, 1], [1, 0], [0, 1]]), false);
  assert.equal(isSheet([[0, 0], [1, 0], [0.2, 0.2], [0, 1]]), false);
});

// -- a recording ---------------------------------------------------------------------------------------------

class FakeRecorder {
  state = 'inactive';

  start() {
    this.state = 'recording';
  }

  stop() {
    this.state = 'inactive';
    this.give([9]);
    this.onstop();
  }

  give(bytes) {
    this.ondataavailable({ data: new Blob([Uint8Array.from(bytes)]) });
  }
}

async function collect(recording) {
  const all = [];
  for await (const chunk of recording.chunks()) all.push(...chunk);
  return all;
}

test('what is recorded is read while it comes, to the last piece after the stop', async () => {
  const recording = new Recording({}, 'audio', FakeRecorder);
  const all = collect(recording);
  recording.recorder.give([1, 2]);
  await new Promise(setImmediate);
  recording.recorder.give([3]);
  recording.stop();
  assert.deepEqual(await all, [1, 2, 3, 9]);
});

test('a recording that is discarded fails for whoever reads it, so that nothing is kept', async () => {
  const recording = new Recording({}, 'video', FakeRecorder);
  const all = collect(recording);
  recording.recorder.give([1]);
  recording.discard();
  await assert.rejects(all, Discarded);
});

test('a recorder that fails is no recording', async () => {
  const recording = new Recording({}, 'video', FakeRecorder);
  const all = collect(recording);
  recording.recorder.onerror();
  await assert.rejects(all, /recorder failed/);
});
