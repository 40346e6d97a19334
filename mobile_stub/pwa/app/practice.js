/**
 * Practice: a phone of its own with an invented hospital, in a journal of its own, that sends nothing.
 *
 * Its transport has no network at all, its key is known to nobody and its journal is erased at the beginning and the
 * end. The real phone is locked meanwhile.
 */

import described from '../generated/records.json';
import { IdbJournal } from '../protocol/browser/idb_journal.js';
import { typesOf } from '../protocol/compose.js';
import { newKey, XWING } from '../protocol/envelope.js';
import { uuid7 } from '../protocol/ids.js';
import { b64u } from '../protocol/lines.js';
import { Phone, systemRandom } from '../protocol/phone.js';
import { Offline } from '../protocol/trouble.js';
import { clock } from './clock.js';
import { lock, opened } from './opening.js';
import { change } from './session.js';
import { cipherOf, importKey } from './vault/cipher.js';
import { today } from './words.js';

const JOURNAL = 'wardledger practice';
const EPOCH = '0'.repeat(32);
const BEDS = 8;
/** Invented, and recognisably so. */
const NAMES = ['练习甲', '练习乙', '练习丙', '练习丁', '练习戊', '练习己', '练习庚', '练习辛'];

/** Open a phone to practise with; the real one is closed. */
export async function beginPractice() {
  await lock();
  await IdbJournal.erase(JOURNAL);
  const cipher = cipherOf(await importKey(systemRandom(32)));
  const journal = await IdbJournal.open(JOURNAL, { cipher });
  const user = fresh();
  await journal.write([...(await identity(user)), ...scene(user)]);
  change({ practice: true });
  const phone = await Phone.open({ journal, clock, types: typesOf(described), fetch: nowhere });
  phone.sync = async () => {
    throw new Offline('practice sends nothing');
  };
  await opened(phone, journal);
}

const fresh = () => uuid7(Date.now(), systemRandom);

async function nowhere() {
  throw new TypeError('practice has no network');
}

async function identity(user) {
  const receiving = await newKey(XWING);
  const pin = '0'.repeat(64);
  const me = {
    url: location.origin, origin: 'practice', device: fresh(), user, app: 'practice', kem: XWING,
    ledger_pin: pin, recovery_pin: pin, ledger_key: b64u(new Uint8Array(32)), sign_seed: b64u(systemRandom(32)),
    seal_seed: b64u(receiving.seed), seal_key: b64u(receiving.public),
  };
  const root = btoa(String.fromCharCode(...new Uint8Array(32)));
  const head = `practice/${EPOCH}\n0\n${root}\n\n— practice/${EPOCH} ${btoa('practice'.padEnd(68))}\n`;
  return [['me', me], ['head', head], ['cursor', 'practice']];
}

/** Return the rows of an invented inspection that is under way, with one ward round drawn. */
function scene(user) {
  const [institution, inspection, round] = [fresh(), fresh(), fresh()];
  const encounters = NAMES.slice(0, BEDS).map((name, n) => [fresh(), name, String(1101 + n)]);
  const members = [user, fresh()];
  const place = { fixmedins_code: 'H00000000000', name: '练习医院（虚构）', kind: 'hospital', region: '000000' };
  const planned = { kind: 'routine_check', mode: 'open', institution, lead: user, members, planned_on: today(), stage: 'approved' };
  const drawn = {
    inspection, institution, mode: 'bedside', trigger: 'plan', sample_method: 'all_listed', wards: ['练习病区'],
    sample: encounters.map(([id]) => id), lead: user, members, stage: 'sampled',
  };
  return [
    row(institution, 'institution', institution, place),
    row(inspection, 'inspection', inspection, planned),
    row(round, 'ward_round', inspection, drawn),
    ...encounters.map(([id, name, bed]) => row(id, 'encounter', institution, {
      institution, mdtrt_id: `PRACTICE-${bed}`, name, ward: '练习病区', bed, admitted_on: today(),
    })),
  ];
}

const row = (id, type, root, values) => [`record/${id}`, { id, type, root, values, life: 'live', epoch: EPOCH, version: 0 }];
