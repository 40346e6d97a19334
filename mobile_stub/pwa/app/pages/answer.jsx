/** A called round on the ward's phone: the time left, the challenge, the beds that were drawn. It ends with the round. */

import { Icon } from '../parts/icon.jsx';
import { Challenge, TimeLeft, usePolling } from '../rounds/call.jsx';
import { expectedChallenge } from '../rounds/challenge.js';
import { useRound } from '../rounds/open_round.js';
import { callsTo } from '../rounds/operator.js';
import { Sign } from '../rounds/presence.jsx';
import { Progress } from '../rounds/progress.jsx';
import { nameOfPresence, placeOf } from '../rounds/words.js';
import { session } from '../session.js';
import { say } from '../words.js';

/** @param {{id: string}} properties */
export function Answer({ id }) {
  usePolling();
  const data = useRound(id);
  if (data === undefined) return <main aria-busy="true"><h1>{say('远程查房', 'Remote round')}</h1></main>;
  if (!data || !callsTo([data.round], session.phone?.kit.me.user).length) return <Ended />;
  const { round, beds, progress } = data;
  const [next] = progress.left;
  return (
    <main class="round">
      <h1>{say('远程查房', 'Remote round')}</h1>
      <TimeLeft until={round.values.respond_by} />
      <Progress progress={progress} slim />
      {!round.values.challenge_by_bed && <Challenge code={expectedChallenge(round, '')} />}
      <ul class="missing">{beds.map((bed) => <BedLine key={bed.id} bed={bed} data={data} />)}</ul>
      {next && (
        <div class="dock">
          <a class="button first wide" href={`#/answer/${id}/bed/${next.id}`}>{say(`拍 ${next.values.bed} 床`, `Photograph bed ${next.values.bed}`)}</a>
        </div>
      )}
    </main>
  );
}

/** What stands where a round was that takes no more answers. */
export function Ended() {
  return (
    <main>
      <section class="empty">
        <h1>{say('这次查房已结束', 'This round has ended')}</h1>
        <p>{say('不再接收应答，样本已从本机移除。尚未上传的应答仍会上传。', 'It takes no more answers and its sample has left this phone. Answers that are not sent yet will still be sent.')}</p>
        <p><a class="button" href="#/">{say('回到首页', 'Back to the start')}</a></p>
      </section>
    </main>
  );
}

function BedLine({ bed, data }) {
  const state = data.known.get(bed.id);
  return (
    <li>
      <a href={`#/answer/${data.round.id}/bed/${bed.id}`}>
        {state ? <span class={`is-${state.presence}`}><Sign presence={state.presence} /></span> : <Icon name="camera" />}
        <span class="where">{placeOf(bed)}</span>
        <span class="quiet">{state ? nameOfPresence(state.presence) : say('待拍照', 'to photograph')}</span>
      </a>
    </li>
  );
}
