// What a round looks for, how far it is, and what is missing before anybody leaves the site.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { begun, drawn, undone, written } from '../../../mobile_stub/pwa/app/capture/strokes.js';
import { bedsOf, missing, nextBed, progress, standing } from '../../../mobile_stub/pwa/app/rounds/sample.js';

const patient = (id, ward, bed, more = {}) => ({ id, values: { institution: 'H', ward, bed, ...more } });
const PATIENTS = [patient('p10', 'W1', '10'), patient('p2', 'W1', '2'), patient('q1', 'W2', '1'), patient('x', 'W1', '3', { institution: 'K' })];
const round = (values = {}) => ({ id: 'R', values: { stage: 'in_progress', ...values } });
let count = 0;
const check = (encounter, presence, more = {}) => {
  count += 1;
  return { id: `c${count}`, life: 'live', values: { ward_round: 'R', encounter, presence, bed_listed: '1', ...more } };
};
const evidence = (id, values) => ({ id, life: 'live', values: { media_type: 'image/jpeg', second_officer: 'B', ...values } });
const signature = (signer, outcome = 'signed') => ({ signer, outcome, name: 'n' });
const RECORD = evidence('record', {
  ward_round: 'R',
  form: 'scene_record',
  signatures: [signature('officer'), signature('officer'), signature('party', 'refused')],
});
const site = (more) => ({
  inspection: { id: 'I', values: { institution: 'H', members: ['A', 'B'], id_shown_at: 1 } },
  rounds: [round({ second_officer: 'B', stage: 'concluded' })],
  encounters: PATIENTS,
  checks: [check('p2', 'in_bed'), check('p10', 'in_bed'), check('q1', 'in_bed')],
  evidence: [RECORD],
  ...more,
});
const codes = (more) => missing(site(more)).map(({ code }) => code);

test('a round looks for its sample, else for its wards, in the order in which one walks', () => {
  assert.deepEqual(bedsOf(round(), PATIENTS, 'H').map(({ id }) => id), ['p2', 'p10', 'q1']);
  assert.deepEqual(bedsOf(round({ wards: ['W2'] }), PATIENTS, 'H').map(({ id }) => id), ['q1']);
  assert.deepEqual(bedsOf(round({ sample: ['q1', 'p2'], wards: ['W2'] }), PATIENTS, 'H').map(({ id }) => id), ['p2', 'q1']);
  assert.deepEqual(bedsOf(round({ drawn: ['p10'], sample: ['q1'] }), PATIENTS, 'H').map(({ id }) => id), ['p10']);
});

test('who was left out of the newest list is looked for only where the sample names him', () => {
  const some = [patient('gone', 'W1', '1', { stage: 'left_out' }), patient('here', 'W1', '2')];
  assert.deepEqual(bedsOf(round(), some, 'H').map(({ id }) => id), ['here']);
  assert.deepEqual(bedsOf(round({ drawn: ['gone'] }), some, 'H').map(({ id }) => id), ['gone']);
});

test('two checks that differ are disputed, two that agree are not, and one taken back counts for nothing', () => {
  const gone = { ...check('q1', 'absent'), life: 'voided' };
  const known = standing([check('p2', 'in_bed'), check('p2', 'absent'), check('p10', 'in_bed'), check('p10', 'in_bed'), gone]);
  assert.equal(known.get('p2').presence, 'disputed');
  assert.equal(known.get('p10').presence, 'in_bed');
  assert.equal(known.has('q1'), false);
});

test('progress counts each bed once and tells what is left', () => {
  const known = standing([check('p2', 'in_bed'), check('p10', 'absent', { conclusion: 'bed_hanging_suspected' })]);
  const { total, done, suspected, counts, left } = progress(bedsOf(round(), PATIENTS, 'H'), known);
  assert.deepEqual([total, done, suspected, counts], [3, 2, 1, { in_bed: 1, absent: 1 }]);
  assert.deepEqual(left.map(({ id }) => id), ['q1']);
});

test('the next bed is the next one that is left, round the ward, and none when all are done', () => {
  const beds = bedsOf(round(), PATIENTS, 'H');
  assert.equal(nextBed(beds, new Map([['p2', 1]]), 'p2'), 'p10');
  assert.equal(nextBed(beds, new Map([['q1', 1]]), 'q1'), 'p2');
  assert.equal(nextBed(beds, new Map(beds.map(({ id }) => [id, 1])), 'p2'), null);
  assert.equal(nextBed(beds, new Map([['p2', 1], ['q1', 1]]), 'p10'), null, 'the same bed is no next one');
});

test('nothing is missing where everything was done', () => assert.deepEqual(missing(site({})), []));

test('each thing that is missing is told with the place that mends it', () => {
  assert.deepEqual(missing(site({ checks: [check('p10', 'in_bed')] })).filter(({ code }) => code === 'bed_unchecked'), [
    { code: 'bed_unchecked', to: '/round/R/bed/p2', label: 'W1', count: 1 },
    { code: 'bed_unchecked', to: '/round/R/bed/q1', label: 'W2', count: 1 },
  ]);
  const rest = [check('p10', 'in_bed'), check('q1', 'in_bed')];
  const away = (more) => codes({ checks: [check('p2', 'absent', more), ...rest] });
  assert.deepEqual(away({}), ['absence_without_reason']);
  assert.deepEqual(away({ absence_reason: 'leave' }), ['absence_without_slip']);
  assert.deepEqual(away({ absence_reason: 'leave', slip: { kind: 'none' } }), []);
  assert.deepEqual(away({ absence_reason: 'unknown', conclusion: 'bed_hanging_suspected' }), ['suspect_without_picture']);
});

test('one officer only, cards not shown, a round left open, or without its signed record', () => {
  const inspection = { id: 'I', values: { institution: 'H', members: ['A'] } };
  assert.deepEqual(codes({ inspection }), ['id_not_shown', 'one_officer']);
  assert.deepEqual(codes({ rounds: [round()] }), ['one_officer', 'round_open']);
  assert.deepEqual(codes({ evidence: [] }), ['round_without_record']);
  assert.deepEqual(codes({ evidence: [RECORD, evidence('e', { second_officer: undefined })] }), ['one_officer']);
});

test('two entries of one kind tell what each of them is about', () => {
  const alone = { second_officer: undefined, bed_check: undefined };
  const found = missing(site({ rounds: [round()], evidence: [RECORD, evidence('e', alone), evidence('f', alone)] }));
  const officers = found.filter(({ code }) => code === 'one_officer');
  assert.deepEqual(officers.map(({ about, label }) => [about, label]), [
    ['ward_round', officers[0].label], ['evidence', '2/3'], ['evidence', '3/3'],
  ]);
});

test('a record wants both officers and the party, who may refuse', () => {
  for (const some of [['officer', 'party'], ['officer', 'officer'], []]) {
    const unsigned = { ...RECORD, values: { ...RECORD.values, signatures: some.map((one) => signature(one)) } };
    assert.deepEqual(codes({ evidence: [unsigned] }), ['record_unsigned']);
  }
});

test('a poor picture is asked for again until the bed has a good one', () => {
  const checks = site({}).checks;
  const poor = evidence('poor', { bed_check: checks[0].id });
  const doubts = { poor: ['blurred'] };
  assert.deepEqual(codes({ checks, evidence: [RECORD, poor], doubts }), ['photo_poor']);
  const good = evidence('good', { bed_check: checks[0].id });
  assert.deepEqual(codes({ checks, evidence: [RECORD, poor, good], doubts }), []);
  assert.deepEqual(codes({ checks, evidence: [RECORD, { ...poor, life: 'voided' }], doubts }), []);
});

test('strokes are begun, drawn on, undone; a dot is no signature', () => {
  let strokes = begun([], [0.1, 0.1]);
  assert.equal(written(strokes), false);
  strokes = drawn(drawn(strokes, [0.1005, 0.1]), [0.4, 0.1]);
  assert.deepEqual(strokes, [[[0.1, 0.1], [0.4, 0.1]]], 'a tremble is no point');
  assert.equal(written(strokes), true);
  assert.deepEqual(undone(begun(strokes, [0, 0])), strokes);
  assert.deepEqual(drawn([], [1, 1]), [], 'nothing is drawn before the pen is down');
});
