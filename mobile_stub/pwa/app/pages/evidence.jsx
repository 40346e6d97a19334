/** Evidence: what is captured for an inspection, every way to capture it, and how each item stands. */

import { useEffect, useState } from 'preact/hooks';

import { Camera } from '../capture/camera.jsx';
import { keepEvidence } from '../capture/keep.js';
import { WORDS, look } from '../capture/quality.js';
import { Recorder } from '../capture/recorder.jsx';
import { Gallery } from '../evidence/gallery.jsx';
import { openFor } from '../evidence/standing.js';
import { Kept } from '../evidence/undo.jsx';
import { atOnce, takeBack } from '../evidence/void.js';
import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { lazy } from '../parts/lazy.jsx';
import { keepDoubts } from '../rounds/open_round.js';
import { session, useLive } from '../session.js';
import { nameOfCode, say } from '../words.js';

const Scan = lazy(() => import('../capture/scan.jsx'), 'Scan');
const Codes = lazy(() => import('../capture/trace_codes.jsx'), 'TraceCodes');
const FromFile = lazy(() => import('../evidence/from_file.jsx'), 'FromFile');
const LAST = 'app/evidence';

const WAYS = [
  { way: 'photo', icon: 'camera', word: () => say('拍照', 'Photo') },
  { way: 'video', icon: 'video', word: () => say('录像', 'Video') },
  { way: 'audio', icon: 'microphone', word: () => say('录音', 'Sound') },
  { way: 'scan', icon: 'scan', word: () => say('扫描文书', 'Scan a paper') },
  { way: 'codes', icon: 'codes', word: () => say('扫追溯码', 'Trace codes') },
  { way: 'file', icon: 'file', word: () => say('选取文件', 'File') },
];

const WRITTEN = ['scene_record', 'inquiry_record', 'supplementary_record'];

/** @param {{inspection?: string}} properties the one that the address names */
export function Evidence({ inspection: named }) {
  const open = useLive(inspectionsOf);
  const [chosen, setChosen] = useChoice(named, open);
  const [way, setWay] = useState(null);
  const [kept, setKept] = useState(null);
  const [doubt, setDoubt] = useState('');
  if (!open) return <main aria-busy="true"><h1>{say('取证', 'Evidence')}</h1></main>;
  if (!open.length) return <Nothing />;
  const keep = async (captured, about) => {
    const id = await keepEvidence(session.phone, captured, { inspection: chosen, ...about });
    const words = say('已存在手机上，还没有上传', 'Kept on this phone, not sent yet');
    setKept({ words, undo: () => takeBack(session.phone, id, atOnce()) });
    return id;
  };
  const close = () => {
    setWay(null);
    setDoubt('');
  };
  // Kept as it came, and told while everybody still stands there: a return for it afterwards could not be cured.
  const photograph = async (photo) => {
    const id = await keep(photo, { form: 'photo' });
    const doubts = await look(photo.bytes, photo.type);
    if (doubts.length) await keepDoubts(session.phone, id, doubts);
    setDoubt(doubtOf(doubts));
  };
  return (
    <main class="evidence">
      <h1>{say('取证', 'Evidence')}</h1>
      <Choice open={open} chosen={chosen} onChoose={setChosen} />
      <nav class="ways" aria-label={say('取证方式', 'Ways to capture')}>
        {WAYS.map((one) => (
          <button type="button" key={one.way} onClick={() => setWay(one.way)}><Icon name={one.icon} />{one.word()}</button>
        ))}
        {chosen && WRITTEN.map((form) => (
          <a key={form} href={`#/evidence/of/${chosen}/record/${form}`}><Icon name="pen" /><span>{nameOfCode('evidence', 'form', form)}</span></a>
        ))}
      </nav>
      {chosen && <Gallery inspection={chosen} />}
      {way === 'photo' && <Camera onClose={close} hint={doubt} onPhoto={photograph} />}
      {(way === 'video' || way === 'audio') && <Recorder what={way} onClose={close} onKeep={(captured) => keep(captured, { form: way })} />}
      {way === 'scan' && <Scan onClose={close} onKeep={keep} />}
      {way === 'codes' && <Codes onClose={close} onKeep={keep} />}
      {way === 'file' && <FromFile onClose={close} onKeep={keep} />}
      <Kept kept={kept} onOver={() => setKept(null)} />
    </main>
  );
}

function doubtOf([first]) {
  if (!first) return '';
  return say(`已保存，但${WORDS[first].zh}`, `Kept, but: ${WORDS[first].en}`);
}

async function inspectionsOf(phone) {
  const [inspections, institutions] = await Promise.all([phone.list('inspection'), phone.list('institution')]);
  const names = new Map(institutions.map(({ id, values }) => [id, values.name]));
  return openFor(inspections, phone.kit.me.user).map((one) => ({ ...one, name: names.get(one.values.institution) ?? '' }));
}

/** The inspection that the address names, else the one chosen last on this phone, else the first. */
function useChoice(named, open) {
  const [chosen, setChosen] = useState(named ?? null);
  useEffect(() => {
    if (!open?.length || open.some(({ id }) => id === chosen)) return;
    session.phone.kit.journal.get(LAST).then((last) => {
      setChosen(open.some(({ id }) => id === last) ? last : open[0].id);
    });
  }, [open]);
  const choose = (id) => {
    setChosen(id);
    session.phone.kit.journal.write([[LAST, id]]);
  };
  return [chosen, choose];
}

function Choice({ open, chosen, onChoose }) {
  const words = ({ name, values }) => [values.planned_on, name, nameOfCode('inspection', 'stage', values.stage)].filter(Boolean).join(' · ');
  if (open.length === 1) return <p class="chosen">{words(open[0])}</p>;
  return (
    <p>
      <label for="inspection">{say('属于哪次检查', 'For which inspection')}</label>
      <select id="inspection" value={chosen ?? ''} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {open.map((one) => <option key={one.id} value={one.id}>{words(one)}</option>)}
      </select>
    </p>
  );
}

function Nothing() {
  return (
    <main>
      <h1>{say('取证', 'Evidence')}</h1>
      <Empty title={say('没有可以取证的检查', 'No inspection takes evidence now')}>
        {say('检查获批准后，下次同步就出现在这里；笔录签名以后只收补充笔录。', 'An approved inspection appears here after the next sync; once its record is signed only supplementary records are taken.')}
      </Empty>
    </main>
  );
}
