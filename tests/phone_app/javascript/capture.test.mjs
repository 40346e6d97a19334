/** What is captured: where the phone is, and the one shape in which it is kept as evidence. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepEvidence, pieces } from '../../../mobile_stub/pwa/app/capture/keep.js';
import { Whereabouts, positionOf } from '../../../mobile_stub/pwa/app/capture/place.js';

const GATE = { latitude: 31.755, longitude: 116.508, accuracy: 11.2 };

/** A phone's location that answers when it is told to. */
class Sky {
  watchPosition(heard, failed) {
    Object.assign(this, { heard, failed });
    return 7;
  }

  clearWatch(number) {
    this.cleared = number;
  }
}

function following() {
  const sky = new Sky();
  const clock = { now: 1_000_000 };
  return { sky, clock, place: new Whereabouts(sky, () => clock.now).begin() };
}

test('a place is stated in 1e-7 degrees and never more exactly than it was measured', () => {
  assert.deepEqual(positionOf(GATE), {
    lat_e7: 317_550_000, lon_e7: 1_165_080_000, accuracy_m: 12, provider: 'fused', mock: false,
  });
});

test('a fix is the place for a minute, and no place any more after it', () => {
  const { sky, clock, place } = following();
  assert.equal(place.here().why, 'slow');
  sky.heard({ coords: GATE, timestamp: 1_000_000 });
  clock.now += 60_000;
  assert.equal(place.here().age_ms, 60_000);
  assert.equal(place.here().position.accuracy_m, 12);
  clock.now += 1;
  assert.deepEqual([place.here().position, place.here().why], [null, 'old']);
});

test('a place that is denied is none, whatever was known before', () => {
  const { sky, place } = following();
  sky.heard({ coords: GATE, timestamp: 1_000_000 });
  sky.failed({ code: 1 });
  assert.deepEqual(place.here(), { position: null, age_ms: null, why: 'denied' });
});

test('a fix that claims to come from the future is of now', () => {
  const { sky, clock, place } = following();
  sky.heard({ coords: GATE, timestamp: 9_000_000 });
  assert.equal(place.here().age_ms, 0);
  clock.now += 60_001;
  assert.equal(place.here().position, null);
});

test('whoever ends it asks no more; without any location at all it is told', () => {
  const { sky, place } = following();
  place.end();
  assert.equal(sky.cleared, 7);
  assert.equal(new Whereabouts(undefined, () => 1).begin().here().why, 'unavailable');
});

// -- kept ----------------------------------------------------------------------------------------------------

const RECORDS = {
  visit: { type: 'inspection', values: { members: ['me', 'other'] } },
  beside: { type: 'ward_round', values: { inspection: 'visit' } },
  called: { type: 'ward_round', values: {} },
};

function phone() {
  const kept = [];
  return {
    kept,
    kit: { me: { user: 'me' } },
    show: async (id) => RECORDS[id],
    takeEvidence: async (chunks, values) => {
      const parts = [];
      for await (const part of chunks) parts.push(...part);
      kept.push({ parts, values });
      return 'made';
    },
  };
}

const PHOTO = { bytes: Uint8Array.of(1, 2, 3), type: 'image/jpeg', position: positionOf(GATE) };

test('a photo of an inspection is kept with its place, its form and the second officer', async () => {
  const own = phone();
  assert.equal(await keepEvidence(own, PHOTO, { inspection: 'visit', note: '库房' }), 'made');
  assert.deepEqual(own.kept, [{
    parts: [1, 2, 3],
    values: {
      form: 'photo', kind: 'audio_visual', media_type: 'image/jpeg', position: PHOTO.position,
      second_officer: 'other', inspection: 'visit', note: '库房',
    },
  }]);
});

test('a photo of a bedside round lies in its inspection, too', async () => {
  const own = phone();
  await keepEvidence(own, PHOTO, { ward_round: 'beside', bed_check: 'bed' });
  const [{ values }] = own.kept;
  assert.deepEqual([values.inspection, values.ward_round, values.bed_check], ['visit', 'beside', 'bed']);
});

test('a picture that answers a called round says what an operator may say, and no more', async () => {
  const own = phone();
  await keepEvidence(own, { ...PHOTO, position: null }, { ward_round: 'called', bed_check: 'bed' });
  const [{ values }] = own.kept;
  assert.deepEqual(values, {
    kind: 'audio_visual', media_type: 'image/jpeg', position: null, bed_check: 'bed', ward_round: 'called',
  });
});

test('evidence that lies nowhere is refused before a byte is sealed', async () => {
  const own = phone();
  await assert.rejects(keepEvidence(own, PHOTO, {}), { code: 'bad_value' });
  assert.deepEqual(own.kept, []);
});

test('a long file is read in pieces, and nothing of it is left out', async () => {
  const whole = new Uint8Array(2 * 1024 * 1024 + 5).fill(9);
  const sizes = [];
  for await (const piece of pieces(new Blob([whole]))) sizes.push(piece.length);
  assert.deepEqual(sizes, [1024 * 1024, 1024 * 1024, 5]);
});
