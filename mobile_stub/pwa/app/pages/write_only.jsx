/**
 * The lease is over: nothing earlier is shown, and recording goes on. Inspections appear by their day alone; pictures,
 * beds and findings are kept under them as ever, each on a form that needs nothing of what is locked.
 */

import forms from '../../generated/records.json';
import { useState } from 'preact/hooks';

import { list, show } from '../../protocol/view.js';
import { KIND_OF } from '../capture/keep.js';
import { Form } from '../parts/form.jsx';
import { Icon } from '../parts/icon.jsx';
import { lazy } from '../parts/lazy.jsx';
import { ViolationPick } from '../parts/violation_pick.jsx';
import { session, useLive } from '../session.js';
import { syncNow } from '../syncing.js';
import { day, nameOfCode, say } from '../words.js';

const Camera = lazy(() => import('../capture/camera.jsx'), 'Camera');
const WORKING = new Set(['approved', 'on_site', 'returned']);
const BED = ['bed_listed', 'presence', 'absence_reason', 'identity_method', 'note'];
const FINDING = ['violation_code', 'facts', 'amount_fen', 'persons', 'origin'];
const CHOICES = forms.finding.fields.find(({ name }) => name === 'violation_code').choices;
const VIOLATIONS = CHOICES.map(({ value, zh, en }) => ({ code: value, zh, en }));
const WAYS = {
  photo: { of: 'evidence', zh: '拍照', en: 'Photo' },
  bed: { of: 'bed_check', zh: '记一张床', en: 'Check a bed' },
  finding: { of: 'finding', zh: '写一个问题', en: 'Write a finding' },
};

export function WriteOnly() {
  const open = useLive(inspections) ?? [];
  const [chosen, setChosen] = useState(null);
  const [kept, setKept] = useState(0);
  const done = () => {
    setKept((count) => count + 1);
    if (chosen.way !== 'photo') setChosen(null);
  };
  const { way, inspection } = chosen ?? {};
  return (
    <main>
      <h1 class="with-icon"><Icon name="lock" /> {say('以前的记录已锁定', 'Earlier records are locked')}</h1>
      <p>{say(
        '这部手机太久没有联系服务器，为防丢失，以前的记录暂不显示。连上网络同步一次就恢复；没有上传的内容都还在。',
        'This phone has been out of touch with the server for too long; in case it was lost, earlier records are not shown. One sync brings them back; what was not sent is still here.',
      )}</p>
      <button class="first wide" disabled={Boolean(session.syncing)} onClick={syncNow}>
        {session.syncing ? say('正在同步……', 'Syncing…') : say('现在同步', 'Sync now')}
      </button>
      <h2>{say('继续记录', 'Go on recording')}</h2>
      {kept > 0 && <p role="status">{say(`已在这部手机上保存 ${kept} 项`, `${kept} kept on this phone`)}</p>}
      {!open.length && <p class="quiet">{say('没有进行中的检查。', 'No inspection is under way.')}</p>}
      {way === 'bed' && <Bed key={kept} inspection={inspection} onKept={done} onClose={() => setChosen(null)} />}
      {way === 'finding' && <Finding key={kept} inspection={inspection} onKept={done} onClose={() => setChosen(null)} />}
      {(!chosen || way === 'photo') && open.map((one) => <Ways key={one.id} one={one} onChoose={setChosen} />)}
      {way === 'photo' && <Camera onPhoto={(photo) => keepPhoto(inspection, photo).then(done)} onClose={() => setChosen(null)} />}
    </main>
  );
}

function Ways({ one: { id, values }, onChoose }) {
  const name = say(`${day(values.planned_on)}的${nameOfCode('inspection', 'kind', values.kind)}`, `${nameOfCode('inspection', 'kind', values.kind)} of ${day(values.planned_on)}`);
  return (
    <section class="acts" aria-label={name}>
      <h3>{name}</h3>
      {Object.entries(WAYS).map(([way, { zh, en }]) => (
        <button key={way} onClick={() => onChoose({ way, inspection: id })}>{say(zh, en)}</button>
      ))}
    </section>
  );
}

function Bed({ inspection, onKept, onClose }) {
  const keep = async ({ values }) => {
    const round = await roundOf(session.phone, inspection);
    await session.phone.create('bed_check', { ...values, ward_round: round });
    onKept();
  };
  return <Typed way="bed" fields={BED} onKeep={keep} onClose={onClose} />;
}

function Finding({ inspection, onKept, onClose }) {
  const keep = async ({ values }) => {
    await session.phone.create('finding', { ...values, inspection });
    onKept();
  };
  const today = new Date(session.phone.kit.clock.wall()).toISOString().slice(0, 10);
  // What is built in: the frozen catalogue is among what is locked.
  const instead = { violation_code: (properties) => <ViolationPick {...properties} violations={VIOLATIONS} day={today} /> };
  return <Typed way="finding" fields={FINDING} first={{ origin: 'on_site' }} instead={instead} onKeep={keep} onClose={onClose} />;
}

function Typed({ way, onClose, ...form }) {
  const { of: type, zh, en } = WAYS[way];
  return (
    <section aria-label={say(zh, en)}>
      <h3>{say(zh, en)}</h3>
      <Form type={type} {...form}>
        <button type="button" class="wide" onClick={onClose}>{say('不记了', 'Leave it')}</button>
      </Form>
    </section>
  );
}

async function keepPhoto(inspection, photo) {
  await session.phone.takeEvidence([photo.bytes], {
    inspection, form: 'photo', kind: KIND_OF.photo, media_type: photo.type, position: photo.position,
  });
}

/** The round that beds are kept under while nothing can be read: one of this phone's own, begun for it and in progress. */
async function roundOf(phone, inspection) {
  const key = `write_only/${inspection}`;
  const known = await phone.kit.journal.get(key);
  if (known && (await show(phone.kit, known)).values.stage === 'in_progress') return known;
  const values = { inspection, mode: 'bedside', trigger: 'plan', started_at: phone.kit.clock.wall() };
  const round = await phone.create('ward_round', values);
  const { base } = await show(phone.kit, round);
  const stages = ['planned', 'sampled', 'in_progress'];
  const steps = stages.slice(1).map((to, n) => ({ op: 'edit', type: 'ward_round', record: round, base, set: { stage: { from: stages[n], to } } }));
  await phone.keep(steps, { rows: [[key, round]] });
  return round;
}

/** Asked past the lease: whoever records must name an inspection, and its day tells nobody anything. */
async function inspections(phone) {
  const all = await list(phone.kit, 'inspection');
  return all.filter(({ values }) => WORKING.has(values.stage));
}
