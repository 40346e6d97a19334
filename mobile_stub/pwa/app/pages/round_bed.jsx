/** One bed: one tap for in bed, two for anything else; it closes itself and the next one opens. */

import { useEffect, useState } from 'preact/hooks';

import { Recorder } from '../capture/recorder.jsx';
import { Icon } from '../parts/icon.jsx';
import { amend, amendTyped, checkBed, keepPicture, ownCheck, said as saidBy, takeBack } from '../rounds/acts.js';
import { Details } from '../rounds/details.jsx';
import { PresenceKeys } from '../rounds/keys.jsx';
import { useRound } from '../rounds/open_round.js';
import { BedCamera, Pictures } from '../rounds/pictures.jsx';
import { usePlaceOfPhone } from '../rounds/place.js';
import { Sign } from '../rounds/presence.jsx';
import { Progress } from '../rounds/progress.jsx';
import { nextBed } from '../rounds/sample.js';
import { Undo, offerUndo } from '../rounds/undo.jsx';
import { masked, nameOfPresence, placeOf } from '../rounds/words.js';
import { go } from '../router.js';
import { session } from '../session.js';
import { nameOfCode, say } from '../words.js';

/** @param {{id: string, bed: string}} properties */
export function RoundBed({ id, bed }) {
  const data = useRound(id);
  const found = data?.beds.find((one) => one.id === bed);
  if (data === undefined) return <main aria-busy="true"><h1>{say('床位', 'Bed')}</h1></main>;
  if (!found) {
    return (
      <main>
        <h1>{say('样本里没有这张床', 'No such bed in the sample')}</h1>
        <a class="button" href={`#/round/${id}`}>{say('回到床位', 'Back to the beds')}</a>
      </main>
    );
  }
  return <Bed data={data} bed={found} />;
}

/** This officer's own check; undefined while it is looked for. */
function useOwn(data, bed) {
  const [own, setOwn] = useState(undefined);
  useEffect(() => {
    let wanted = true;
    ownCheck(session.phone, data, bed.id).then((one) => wanted && setOwn(one));
    return () => {
      wanted = false;
    };
  }, [data, bed.id]);
  return own;
}

function Bed({ data, bed }) {
  const own = useOwn(data, bed);
  const here = usePlaceOfPhone();
  const [changing, setChanging] = useState(false);
  const [capture, setCapture] = useState('');
  const shut = () => setCapture('');
  const photos = data.evidence.filter(({ id }) => data.photos.get(bed.id)?.includes(id));
  const onSaid = async (presence, why) => {
    const { id, made } = await checkBed(session.phone, data, bed, saidBy(presence, why), here().position);
    setChanging(false);
    if (made) offerUndo(say(`${bed.values.bed} 床：${nameOfPresence(presence)}`, `Bed ${bed.values.bed}: ${nameOfPresence(presence)}`), () => undo(data, bed, id));
    if (presence === 'in_bed') onwards(data, bed);
  };
  const keep = (photo, doubts) => keepPicture(session.phone, data, bed.id, photo, { doubts });
  const memo = (captured) => keepPicture(session.phone, data, bed.id, captured, { form: 'audio' });
  if (own === undefined) return <main aria-busy="true"><h1>{placeOf(bed)}</h1></main>;
  return (
    <main class="round bed-page">
      <Head data={data} bed={bed} />
      <Patient bed={bed} />
      <Others data={data} bed={bed} own={own} />
      <p class="pair">
        <button type="button" class="grow" onClick={() => setCapture('photo')}><Icon name="camera" />{say('拍照', 'Photo')}</button>
        <button type="button" onClick={() => setCapture('audio')}>{say('录音', 'Voice memo')}</button>
      </p>
      <Pictures all={photos} doubts={data.doubts} />
      {own && !changing && <Details key={own.id} check={own} onChange={(values) => amend(session.phone, own.id, values)} onTyped={(said) => amendTyped(session.phone, own, said)} />}
      {capture === 'photo' && <BedCamera title={placeOf(bed)} onKeep={keep} onClose={shut} />}
      {capture === 'audio' && <Recorder what="audio" onKeep={memo} onClose={shut} />}
      <div class="dock">
        <Undo />
        {own && !changing
          ? <Said own={own} onChange={() => setChanging(true)} onNext={() => onwards(data, bed)} />
          : <PresenceKeys onSaid={onSaid} onClose={own ? () => setChanging(false) : undefined} />}
      </div>
    </main>
  );
}

async function undo(data, bed, check) {
  await takeBack(session.phone, check);
  go(`/round/${data.round.id}/bed/${bed.id}`, { instead: true });
}

/** To the next bed that is left, or to the grid when none is. */
function onwards(data, bed) {
  const next = nextBed(data.beds, data.known, bed.id);
  go(next ? `/round/${data.round.id}/bed/${next}` : `/round/${data.round.id}`, { instead: true });
}

function Head({ data, bed }) {
  return (
    <>
      <header class="round-head">
        <a class="button back" href={`#/round/${data.round.id}`} aria-label={say('回到床位', 'Back to the beds')}><Icon name="back" /></a>
        <h1>{placeOf(bed)}</h1>
      </header>
      <Progress progress={data.progress} slim />
    </>
  );
}

/** Whom one looks for; the name is masked until somebody needs it whole. */
function Patient({ bed }) {
  const [whole, setWhole] = useState(false);
  const { name, sex, admitted_on: since, diag_code: diagnosis } = bed.values;
  const facts = [
    sex && nameOfCode('encounter', 'sex', sex),
    since && say(`${since} 入院`, `since ${since}`),
    diagnosis,
  ];
  return (
    <section class="patient">
      <button type="button" class="name" aria-pressed={whole} onClick={() => setWhole(!whole)}>
        {whole ? name : masked(name)}
        <span class="quiet">{whole ? say('隐藏', 'Hide') : say('显示姓名', 'Show name')}</span>
      </button>
      <p class="quiet">{facts.filter(Boolean).join(' · ')}</p>
    </section>
  );
}

function Others({ data, bed, own }) {
  const others = (data.known.get(bed.id)?.checks ?? []).filter(({ id }) => id !== own?.id);
  if (!others.length) return null;
  return (
    <p class="note">
      {say('同行检查员已记录：', 'Your colleague recorded: ')}
      {others.map(({ values }) => nameOfPresence(values.presence)).join(say('、', ', '))}
    </p>
  );
}

function Said({ own, onChange, onNext }) {
  const { presence } = own.values;
  return (
    <>
      <p class={`said is-${presence}`}><Sign presence={presence} />{nameOfPresence(presence)}</p>
      <p class="pair">
        <button type="button" onClick={onChange}>{say('改', 'Change')}</button>
        <button type="button" class="first grow" onClick={onNext}>{say('下一床', 'Next bed')}</button>
      </p>
    </>
  );
}
