/** A round: how far it is, its beds, and what comes next. */

import { useState } from 'preact/hooks';

import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { beginPlanned, waitsForDraw } from '../rounds/acts.js';
import { BedGrid, useStartAt } from '../rounds/grid.jsx';
import { useRound } from '../rounds/open_round.js';
import { Progress } from '../rounds/progress.jsx';
import { Undo } from '../rounds/undo.jsx';
import { session } from '../session.js';
import { say } from '../words.js';

const RUNNING = ['in_progress', 'explanation_open'];

/** @param {{id: string}} properties */
export function Round({ id }) {
  const data = useRound(id);
  if (data === undefined) return <main aria-busy="true"><h1>{say('查房', 'Ward round')}</h1></main>;
  if (!data) return <Gone />;
  return <Open data={data} />;
}

function Gone() {
  return (
    <main>
      <Empty title={say('本机没有这次查房', 'This phone does not hold that round')}>
        <a class="button" href="#/rounds">{say('回到查房', 'Back to the rounds')}</a>
      </Empty>
    </main>
  );
}

function Open({ data }) {
  const { round, institution, beds, progress } = data;
  const [next] = progress.left;
  useStartAt(next?.id, beds);
  return (
    <main class="round">
      <header class="round-head">
        <a class="button back" href="#/rounds" aria-label={say('回到查房', 'Back to the rounds')}><Icon name="back" /></a>
        <h1>{institution?.values.name ?? say('查房', 'Ward round')}</h1>
      </header>
      <Progress progress={progress} />
      {beds.length ? <BedGrid data={data} /> : <NoBeds round={round} />}
      <div class="dock"><Undo /><Next data={data} next={next} /></div>
    </main>
  );
}

function NoBeds({ round }) {
  return (
    <Empty title={say('样本里还没有床位', 'No beds in the sample yet')}>
      {waitsForDraw(round)
        ? say('样本由服务器抽取，同步后出现在这里。', 'The server draws the sample; it is here after the next sync.')
        : say('在院名单同步后，床位出现在这里。', 'Beds appear here once the census is synced.')}
    </Empty>
  );
}

function Next({ data, next }) {
  const { round, progress } = data;
  const [busy, setBusy] = useState(false);
  if (waitsForDraw(round)) return null;
  if (['planned', 'sampled'].includes(round.values.stage)) {
    const start = () => (setBusy(true), beginPlanned(session.phone, round.id));
    return <button type="button" class="first wide" disabled={busy} onClick={start}>{say('开始查房', 'Begin the round')}</button>;
  }
  if (!RUNNING.includes(round.values.stage)) {
    return <a class="button wide" href={`#/leaving/${round.values.inspection}`}>{say('查房已结束，看离场检查', 'Finished: see what is missing before leaving')}</a>;
  }
  const end = <a class={`button ${next ? '' : 'first wide'}`} href={`#/round/${round.id}/finish`}>{say('结束查房', 'Finish the round')}</a>;
  if (!next) return end;
  return (
    <p class="pair">
      {end}
      <a class="button first grow" href={`#/round/${round.id}/bed/${next.id}`}>
        {progress.done ? say(`下一床 ${next.values.bed}`, `Next: bed ${next.values.bed}`) : say(`从 ${next.values.bed} 床开始`, `Start at bed ${next.values.bed}`)}
      </a>
    </p>
  );
}
