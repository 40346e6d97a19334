/** Forms: what was typed becomes what a record holds, or a fault at its field; nothing is rounded and nothing guessed. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { difference, entered, read, taken } from '../../../mobile_stub/pwa/app/casework/typed.js';

const forms = JSON.parse(readFileSync(new URL('../../../mobile_stub/pwa/generated/records.json', import.meta.url), 'utf8'));
const field = (type, name) => forms[type].fields.find((one) => one.name === name);
const of = (kind, more = {}) => ({ name: 'x', kind, limits: {}, choices: [], parts: [], ...more });

test('yuan as people type them become whole fen', () => {
  const fen = field('finding', 'amount_fen');
  const right = { '1260': 126_000, '1260.5': 126_050, '1,260.50': 126_050, '１２６０．５': 126_050, '¥0.01': 1, '12 元': 1_200, 0: 0 };
  for (const [typed, value] of Object.entries(right)) assert.deepEqual(taken(fen, typed), { value }, typed);
});

test('a part of a fen, words and signs at odd places are no amount', () => {
  const fen = field('finding', 'amount_fen');
  for (const typed of ['1.005', '1,26,0', '12万', '-5', '1e3', '.5', '1.']) assert.deepEqual(taken(fen, typed), { fault: 'amount' }, typed);
  assert.equal(taken(fen, '99999999999999').fault, 'amount');
  assert.equal(taken(fen, '').fault, 'required');
});

test('an amount is shown as it would be typed', () => {
  const fen = field('finding', 'amount_fen');
  for (const value of [0, 1, 99, 126_000, 10_000_000_000_000]) assert.deepEqual(taken(fen, entered(fen, value)), { value });
});

test('a moment goes to its control and back, in the zone of the ledger', () => {
  const at = of('instant');
  assert.equal(entered(at, Date.UTC(2026, 10, 21, 6, 5)), '2026-11-21T14:05');
  assert.deepEqual(taken(at, '2026-11-21T14:05'), { value: Date.UTC(2026, 10, 21, 6, 5) });
  assert.deepEqual(taken(at, '2026-13-01T00:00'), { fault: 'instant' });
});

test('a day that does not exist is no day', () => {
  assert.deepEqual(taken(of('day'), '2026-02-28'), { value: '2026-02-28' });
  for (const typed of ['2026-02-30', '2026-2-1', '20260201']) assert.deepEqual(taken(of('day'), typed), { fault: 'day' });
});

test('limits of the declaration hold at the field', () => {
  assert.deepEqual(taken(of('text', { limits: { chars_max: 3 } }), '一二三'), { value: '一二三' });
  assert.deepEqual(taken(of('text', { limits: { chars_max: 3 } }), '一二三四'), { fault: 'chars_max', limit: 3 });
  assert.deepEqual(taken(of('integer', { limits: { min: 1, max: 9 } }), '0'), { fault: 'min', limit: 1 });
  assert.deepEqual(taken(of('integer', { limits: { min: 1, max: 9 } }), '10'), { fault: 'max', limit: 9 });
  assert.deepEqual(taken(of('integer'), '1.5'), { fault: 'whole' });
  assert.deepEqual(taken(of('choice', { choices: [{ value: 'a' }] }), 'b'), { fault: 'choice' });
  assert.equal(taken(field('finding', 'violation_code'), 'Bed Hanging').fault, 'pattern');
  assert.deepEqual(taken(field('finding', 'violation_code'), ' bed_hanging '), { value: 'bed_hanging' });
});

test('blanks are nothing, and what is asked for must be there', () => {
  const facts = field('finding', 'facts');
  assert.deepEqual(taken(facts, '　 '), { fault: 'required' });
  assert.deepEqual(taken({ ...facts, required: false }, '　 '), { value: undefined });
});

test('a list keeps each member once, in order, without empty rows, and says which one is at fault', () => {
  const persons = field('finding', 'persons');
  assert.deepEqual(taken(persons, ['甲', '', ' 甲', '乙']), { value: ['甲', '乙'] });
  assert.equal(taken(field('evidence', 'trace_codes'), ['81234567890123456789', '12']).at, '1');
});

test('a group is nothing until something of it is filled in, and then whole', () => {
  const slip = field('bed_check', 'slip');
  assert.deepEqual(taken(slip, entered(slip, undefined)), { value: undefined });
  assert.deepEqual(taken(slip, { ...entered(slip, undefined), signed_by: '某人' }), { fault: 'required', at: 'kind' });
  assert.deepEqual(taken(slip, { ...entered(slip, undefined), kind: 'exam' }), { value: { kind: 'exam' } });
});

test('what one value asks for is missing at its own field', () => {
  const fields = ['form', 'original_place'].map((name) => field('evidence', name));
  const { faults } = read(fields, { form: 'copy', original_place: '' }, { needs: forms.evidence.needs });
  assert.deepEqual(faults, { original_place: { fault: 'required' } });
  assert.deepEqual(read(fields, { form: 'copy', original_place: '档案室' }, { needs: forms.evidence.needs }).faults, {});
});

test('what a record holds can be written anew, but not emptied', () => {
  const fields = [field('finding', 'legal_basis')];
  assert.deepEqual(read(fields, { legal_basis: '' }, { before: { legal_basis: 'A-38' } }).faults, { legal_basis: { fault: 'emptied' } });
  assert.deepEqual(read(fields, { legal_basis: '' }).faults, {});
});

test('an edit says what changed alone, and what was taken out of a set', () => {
  const fields = ['facts', 'amount_fen', 'persons'].map((name) => field('finding', name));
  const before = { facts: '甲', amount_fen: 1, persons: ['甲', '乙'] };
  assert.deepEqual(difference(fields, before, { facts: '甲', amount_fen: 2, persons: ['乙', '丙'] }), {
    values: { amount_fen: 2, persons: ['丙'] }, remove: { persons: ['甲'] }, changed: true,
  });
  assert.equal(difference(fields, before, before).changed, false);
});

test('the last member of a set can be taken out', () => {
  const fields = [field('finding', 'persons')];
  const before = { persons: ['甲'] };
  const { values } = read(fields, { persons: [] }, { before });
  assert.deepEqual(difference(fields, before, values).remove, { persons: ['甲'] });
});

test('every kind of field of every form has a control that is empty at first and makes no value of its own', () => {
  for (const { fields } of Object.values(forms)) {
    for (const one of fields) {
      const { value, fault } = taken({ ...one, required: false }, entered(one, undefined));
      assert.equal(fault, undefined, `${one.name}: ${fault}`);
      assert.ok(value === undefined || value === false || value.length === 0, `${one.name} ${JSON.stringify(value)}`);
    }
  }
});
