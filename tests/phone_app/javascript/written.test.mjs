/** A record that is written on the phone: complete before anybody signs, the same bytes for the same words, ink that is bounded. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RIGHTS, blank, bytesOf, contentIn, contentOf, inkOf, missing, signersOf, valuesOf } from '../../../mobile_stub/pwa/app/records/written.js';

const ABOUT = { inspection: 'visit', institution: '测试医院', code: 'H34150200001', ended: 2_000 };
const OFFICERS = [{ name: '测试一', card: '皖1' }, { name: '测试二', card: '皖2' }];
const signed = (signer, name) => ({ signer, name, outcome: 'signed', at: 1_500, ink: 'M1 1L2 2' });

function scene(more = {}) {
  const draft = { ...blank(1_000, OFFICERS), place: ' 三楼 ', person: { name: '测试三', post: '' }, text: '一\n\n 二 ', ...more };
  return { ...draft, signatures: signersOf('scene_record', draft).map(({ signer, name }) => signed(signer, name)) };
}

test('a blank record misses everything that must stand in it', () => {
  assert.deepEqual(missing('scene_record', blank(1)), ['place', 'officer-0', 'card-0', 'officer-1', 'card-1', 'person', 'text']);
  assert.deepEqual(missing('scene_record', scene()), []);
});

test('nobody is asked before he was told, nor without an answer', () => {
  const asked = { ...scene(), pairs: [{ asked: '几人住院？', answered: '' }] };
  assert.deepEqual(missing('inquiry_record', asked), ['rights_told', 'text']);
  assert.deepEqual(missing('inquiry_record', { ...asked, rights_told: true, pairs: [{ asked: '几人？', answered: '三人' }] }), []);
});

test('the same words and signatures are the same bytes, and are read back from them', () => {
  const content = contentOf('scene_record', scene(), ABOUT);
  assert.deepEqual(bytesOf(content), bytesOf(contentOf('scene_record', scene(), ABOUT)));
  assert.deepEqual(contentIn(bytesOf(content)), content);
  assert.deepEqual(content.paragraphs, [{ text: '一' }, { text: '二' }]);
  assert.equal(content.place, '三楼');
});

test('what is no record is not read as one', () => {
  assert.throws(() => contentIn(new TextEncoder().encode('{"format":"other"}')));
  assert.throws(() => contentIn(new TextEncoder().encode('{"format": "wardledger-record/1","form":"scene_record"}')));
});

test('an inquiry names the person and that he was told; its ink stays in the file', () => {
  const draft = { ...scene(), rights_told: true, pairs: [{ asked: '几人？', answered: '三人' }] };
  const content = contentOf('inquiry_record', draft, ABOUT);
  assert.equal(content.rights, RIGHTS);
  const values = valuesOf(content);
  assert.deepEqual([values.person, values.rights_told], ['测试三', true]);
  assert.ok(values.signatures.every((one) => !('ink' in one)));
});

test('ink is a path of whole units on the pad, however long somebody draws', () => {
  assert.equal(inkOf([[[0.1, 0.1], [0.2, 0.2]], [[0.5, 0.1]]]), 'M90 90L180 180M450 90L450 90');
  const scrawl = [Array.from({ length: 9_000 }, (_, n) => [(n % 100) / 100, 0.3])];
  assert.ok(inkOf(scrawl).length <= 12_000);
});
