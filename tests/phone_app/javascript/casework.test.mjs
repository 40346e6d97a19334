/** What the owner of a phone may do, what needs him, and what a search finds: by the declarations, without a server. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { needs } from '../../../mobile_stub/pwa/app/casework/needs.js';
import { mayCreate, maySettle, rolesIn, steps, writable } from '../../../mobile_stub/pwa/app/casework/rights.js';
import { search } from '../../../mobile_stub/pwa/app/casework/search.js';

const forms = JSON.parse(readFileSync(new URL('../../../mobile_stub/pwa/generated/records.json', import.meta.url), 'utf8'));
const LEAD = { roles: ['lead', 'member'] };
const MEMBER = { roles: ['member'] };

test('the lead is a member, a stranger is nobody, and so is a phone that knows no user', () => {
  const values = { lead: 'a', members: ['b'] };
  assert.deepEqual(rolesIn(values, 'a'), ['lead', 'member']);
  assert.deepEqual(rolesIn(values, 'b'), ['member']);
  assert.deepEqual(rolesIn(values, 'c'), []);
  assert.deepEqual(rolesIn({}, undefined), []);
});

test('a step is offered to whom the declaration allows it, from the stage where the record stands', () => {
  assert.deepEqual(steps(forms.inspection, { ...MEMBER, own: 'approved' }), ['on_site']);
  assert.deepEqual(steps(forms.inspection, { ...MEMBER, own: 'on_site' }), []);
  assert.deepEqual(steps(forms.inspection, { ...LEAD, own: 'on_site' }), ['record_signed']);
  assert.deepEqual(steps(forms.inspection, { ...LEAD, own: 'submitted' }), []);
  assert.deepEqual(steps(forms.inspection, { roles: [], own: 'approved' }), []);
  assert.deepEqual(steps(forms.finding, { ...MEMBER, root: 'on_site', own: 'draft' }), ['proposed']);
});

test('findings are written while the inspection is open, and no longer', () => {
  assert.ok(mayCreate(forms.finding, { ...MEMBER, root: 'on_site' }));
  assert.ok(!mayCreate(forms.finding, { ...MEMBER, root: 'record_signed' }));
  assert.ok(!mayCreate(forms.finding, { roles: [], root: 'on_site' }));
  assert.ok(writable(forms.finding, { ...MEMBER, root: 'on_site', own: 'draft' }).includes('amount_fen'));
  assert.deepEqual(writable(forms.finding, { ...LEAD, root: 'on_site', own: 'confirmed' }), []);
});

test('a conflict over a finding is the lead’s to settle', () => {
  assert.ok(maySettle(forms.finding, LEAD));
  assert.ok(!maySettle(forms.finding, MEMBER));
});

const inspection = { id: 'i1', life: 'live', values: { lead: 'me', members: ['me', 'other'], stage: 'on_site' } };
const nothing = { user: 'me', forms, inspections: [inspection], evidence: [], findings: [], conflicts: [], decisions: [], attention: [], rootOf: () => inspection };
const photo = (id, more = {}) => ({ id, life: 'live', values: { inspection: 'i1', stage: 'returned', ...more } });
const decision = (id, act, about, version, more = {}) => ({ id, values: { act, about, about_version: version, ...more } });

test('what the supervisor returned stands with his newest reason, until something newer takes its place', () => {
  const decisions = [decision('d1', 'return', 'e1', 4, { reason: 'blurred' }), decision('d2', 'return', 'e1', 9, { reason: 'incomplete' }), decision('d3', 'approve', 'e1', 12)];
  const [one] = needs({ ...nothing, evidence: [photo('e1')], decisions });
  assert.deepEqual([one.kind, one.record, one.asks, one.decision.id], ['returned_evidence', 'e1', true, 'd2']);
  assert.deepEqual(needs({ ...nothing, evidence: [photo('e1'), photo('e2', { stage: 'captured', supersedes: 'e1' })], decisions }), []);
});

test('what is returned in an inspection of others is not mine to mend', () => {
  const theirs = { ...inspection, values: { lead: 'x', members: ['y'], stage: 'returned' } };
  assert.deepEqual(needs({ ...nothing, inspections: [theirs], evidence: [photo('e1')] }), []);
});

test('a returned inspection asks the lead; a member only hears of it', () => {
  const returned = { ...inspection, values: { ...inspection.values, stage: 'returned' } };
  assert.deepEqual(needs({ ...nothing, inspections: [returned] }).map(({ asks }) => asks), [true]);
  assert.deepEqual(needs({ ...nothing, user: 'other', inspections: [returned] }).map(({ asks }) => asks), [false]);
});

test('an open conflict asks the lead once, however many own changes stand in it; a settled one nobody', () => {
  const conflict = { id: 'c1', values: { state: 'open', about: 'f1', record_type: 'finding', field: 'amount_fen' } };
  const attention = [{ id: 'ch1', record: 'f1', verdict: 'conflict' }];
  const [one, ...more] = needs({ ...nothing, conflicts: [conflict], attention });
  assert.deepEqual([one.kind, one.id, one.record, one.asks, more.length], ['conflict', 'c1', 'f1', true, 0]);
  assert.equal(needs({ ...nothing, user: 'other', conflicts: [conflict] })[0].asks, false);
  assert.deepEqual(needs({ ...nothing, conflicts: [{ ...conflict, values: { ...conflict.values, state: 'settled' } }] }), []);
});

test('changes that did not take effect come with their reasons; what is to be done stands first', () => {
  const attention = [
    { id: 'ch1', record: 'f1', verdict: 'held', waiting_for: 'r1' },
    { id: 'ch2', record: 'f2', verdict: 'late' },
    { id: 'ch3', record: 'f3', verdict: 'refused', code: 'bad_value', field: 'facts' },
  ];
  const found = needs({ ...nothing, attention });
  assert.deepEqual(found.map(({ kind, asks }) => [kind, asks]), [['refused', true], ['late', false], ['held', false]]);
  assert.deepEqual(found[0].outcome, { verdict: 'refused', code: 'bad_value', field: 'facts' });
});

test('what was read and put away is gone from the list, and a later decision over the same finding is not', () => {
  const finding = { id: 'f1', life: 'live', values: { inspection: 'i1', stage: 'withdrawn' } };
  const given = { ...nothing, findings: [finding], decisions: [decision('d1', 'withdraw', 'f1', 3)] };
  assert.equal(needs(given).length, 1);
  assert.equal(needs({ ...given, noted: new Set(['d1']) }).length, 0);
  assert.equal(needs({ ...given, decisions: [decision('d2', 'withdraw', 'f1', 8)], noted: new Set(['d1']) }).length, 1);
});

test('every word must stand somewhere, in any width or case; what begins with it comes first', () => {
  const things = ['演示市第二医院 H341', 'Demo clinic P342', '第二医院'].map((name) => ({ name }));
  const found = (typed) => search(things, typed, ({ name }) => [name]).map(({ name }) => name);
  assert.deepEqual(found('第二医院'), ['第二医院', '演示市第二医院 H341']);
  assert.deepEqual(found('ｈ３４１　医院'), ['演示市第二医院 H341']);
  assert.deepEqual(found('DEMO'), ['Demo clinic P342']);
  assert.deepEqual(found('无此机构'), []);
  assert.equal(found('  ').length, 3);
});
