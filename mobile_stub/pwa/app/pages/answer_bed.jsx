/** One bed of a called round: its picture with the challenge in it, then what was found; the next one opens by itself. */

import { useEffect, useState } from 'preact/hooks';

import { Icon } from '../parts/icon.jsx';
import { answerBed } from '../rounds/answers.js';
import { Challenge, PlaceSaid, TimeLeft, usePolling } from '../rounds/call.jsx';
import { expectedChallenge } from '../rounds/challenge.js';
import { PresenceKeys } from '../rounds/keys.jsx';
import { useRound } from '../rounds/open_round.js';
import { callsTo } from '../rounds/operator.js';
import { BedCamera, useUrl } from '../rounds/pictures.jsx';
import { usePlaceOfPhone } from '../rounds/place.js';
import { nextBed } from '../rounds/sample.js';
import { masked, placeOf } from '../rounds/words.js';
import { go } from '../router.js';
import { session } from '../session.js';
import { say } from '../words.js';
import { Ended } from './answer.jsx';

/** @param {{id: string, bed: string}} properties */
export function AnswerBed({ id, bed }) {
  usePolling();
  const data = useRound(id);
  if (data === undefined) return <main aria-busy="true"><h1>{say('远程查房', 'Remote round')}</h1></main>;
  const found = data?.beds.find((one) => one.id === bed);
  if (!found || !callsTo([data.round], session.phone?.kit.me.user).length) return <Ended />;
  return <Bed data={data} bed={found} />;
}

function Bed({ data, bed }) {
  const here = usePlaceOfPhone();
  const [camera, setCamera] = useState(false);
  const [taken, setTaken] = useState(null);
  const card = expectedChallenge(data.round, bed.id);
  const answered = data.known.has(bed.id);
  const tell = async (presence, why) => {
    const position = taken.photo.position ?? here().position;
    await answerBed(session.phone, data, bed, { said: { presence, ...why }, position, ...taken });
    const next = nextBed(data.beds, data.known, bed.id);
    go(next ? `/answer/${data.round.id}/bed/${next}` : `/answer/${data.round.id}`, { instead: true });
  };
  return (
    <main class="round bed-page">
      <header class="round-head">
        <a class="button back" href={`#/answer/${data.round.id}`} aria-label={say('回到床位', 'Back to the beds')}><Icon name="back" /></a>
        <h1>{placeOf(bed)} {masked(bed.values.name)}</h1>
      </header>
      <TimeLeft until={data.round.values.respond_by} />
      <PlaceSaid here={here()} />
      {answered && <p class="note">{say('这张床已经应答；再答一次会另作一条记录。', 'This bed was answered; another answer is another record.')}</p>}
      {!taken?.photo && <Challenge code={card} />}
      {taken?.photo && taken.shown === undefined && <Shown photo={taken.photo} card={card} onSaid={(shown) => setTaken({ ...taken, shown })} onAgain={() => (setTaken(null), setCamera(true))} />}
      {camera && <BedCamera title={placeOf(bed)} hint={card} liveOnly onKeep={(photo, doubts) => setTaken({ photo, doubts })} onClose={() => setCamera(false)} />}
      <div class="dock">
        {taken?.shown === undefined
          ? !taken && <button type="button" class="first wide" onClick={() => setCamera(true)}><Icon name="camera" />{say('拍照应答', 'Answer with a picture')}</button>
          : <PresenceKeys onSaid={tell} concluding={false} />}
      </div>
    </main>
  );
}

/** Who took it looks whether the challenge can be read: another picture costs seconds now, and cannot be had later. */
function Shown({ photo, card, onSaid, onAgain }) {
  const url = useUrl(() => photo.bytes, photo.type, []);
  useEffect(() => scrollTo(0, 0), []);
  return (
    <section>
      <h2>{say(`照片里看得清 ${card} 吗？`, `Can ${card} be read in the picture?`)}</h2>
      {url && <img class="taken" src={url} alt={say('刚拍的照片', 'The picture just taken')} />}
      <p class="pair">
        <button type="button" onClick={onAgain}>{say('重拍', 'Take it again')}</button>
        <button type="button" class="first" onClick={() => onSaid(true)}>{say('看得清', 'Yes')}</button>
      </p>
      <button type="button" class="wide" onClick={() => onSaid(false)}>{say('无法出示验证码，仍然应答', 'The challenge cannot be shown: answer without it')}</button>
    </section>
  );
}
