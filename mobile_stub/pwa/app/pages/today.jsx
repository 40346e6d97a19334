/** Today: calls that wait for an answer on top, then the inspections of today, under way, and coming. */

import { useState } from 'preact/hooks';

import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { NeedsOnTop } from '../parts/needs_on_top.jsx';
import { session, useLive } from '../session.js';
import { clockTime, day, nameOfCode, nameOfStage, say, today } from '../words.js';

const OVER = new Set(['draft', 'accepted', 'archived']);
const ANSWERING = new Set(['sampled', 'in_progress']);

export function Today() {
  const found = useLive(agenda);
  if (!found) return <main aria-busy="true"><h1>{say('今日', 'Today')}</h1></main>;
  const { calls, now, coming } = found;
  return (
    <main>
      <h1>{say('今日', 'Today')}</h1>
      {calls.length > 0 && <Calls calls={calls} />}
      <NeedsOnTop />
      {!now.length && !coming.length && !calls.length && <Nothing />}
      {now.length > 0 && <Inspections title={say('今天', 'Now')} all={now} />}
      {coming.length > 0 && <Inspections title={say('接下来', 'Coming')} all={coming} />}
      <p><a class="more" href="#/institutions">{say('查机构、在院名单和以往的问题', 'Look up institutions, in-patients and earlier findings')}</a></p>
    </main>
  );
}

function Nothing() {
  if (session.standing && !session.standing.fetched) {
    return (
      <Empty title={say('还没有取到您的安排', 'Your plan is not here yet')}>
        {say('连上网络后自动取来；也可以到“同步”页看看为什么没有取到。', 'It comes by itself once there is a network; the page “Sync” says why it did not.')}
      </Empty>
    );
  }
  return (
    <Empty title={say('今天没有检查', 'Nothing for today')}>
      {say('检查安排好并获批准后，下次同步就出现在这里。', 'Inspections that are planned and approved appear here after the next sync.')}
    </Empty>
  );
}

/** What concerns the user, with the names of the institutions; the oldest day first. */
async function agenda(phone) {
  const [inspections, rounds, institutions] = await Promise.all(
    ['inspection', 'ward_round', 'institution'].map((type) => phone.list(type)),
  );
  const names = new Map(institutions.map(({ id, values }) => [id, values.name]));
  const open = inspections
    .filter(({ life, values }) => life !== 'voided' && !OVER.has(values.stage))
    .map(({ id, values, pending }) => ({ id, pending, name: names.get(values.institution) ?? '', ...values }))
    .sort((one, other) => (one.planned_on ?? '').localeCompare(other.planned_on ?? ''));
  const later = ({ planned_on: on, stage }) => stage === 'approved' && on > today();
  return { calls: callsOf(rounds, names), now: open.filter((one) => !later(one)), coming: open.filter(later) };
}

function callsOf(rounds, names) {
  const { user } = session.status ?? {};
  return rounds
    .filter(({ values }) => values.mode === 'remote' && values.operator === user && values.called_at)
    .filter(({ values }) => ANSWERING.has(values.stage) && !values.answers_closed_at)
    .map(({ id, values }) => ({ id, name: names.get(values.institution) ?? '', until: values.respond_by }))
    .sort((one, other) => one.until - other.until);
}

function Calls({ calls }) {
  return (
    <section>
      <h2>{say('远程查房正在等您', 'A remote round waits for you')}</h2>
      <ul class="cards">
        {calls.map(({ id, name, until }) => (
          <li key={id}>
            <a class="card is-call" href={`#/answer/${id}`}>
              <h3>{name || say('远程查房', 'Remote round')}</h3>
              {until && <p class="with-icon"><Icon name="clock" /> {say(`请在 ${clockTime(until)} 前应答`, `Answer by ${clockTime(until)}`)}</p>}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Inspections({ title, all }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul class="cards">
        {all.map((one) => <Inspection key={one.id} one={one} />)}
      </ul>
    </section>
  );
}

function Inspection({ one }) {
  const pending = one.pending ? say(` · ${one.pending} 项改动未核验`, ` · ${one.pending} changes not verified`) : '';
  return (
    <li>
      <a class="card" href={`#/inspection/${one.id}`}>
        <h3>{one.name || say('机构名称尚未同步', 'The institution is not here yet')}</h3>
        <p>{nameOfCode('inspection', 'kind', one.kind)} · {nameOfStage('inspection', one.stage)}</p>
        <p class="quiet">{day(one.planned_on)}{pending}</p>
      </a>
      {one.stage === 'approved' && one.planned_on <= today() && <Arrive id={one.id} />}
    </li>
  );
}

/** The day's first act. It cannot be taken back, so it is asked once more. */
function Arrive({ id }) {
  const [sure, setSure] = useState(false);
  const arrive = async () => {
    await session.phone.step(id, 'on_site');
    navigator.vibrate?.(30);
  };
  if (!sure) return <p class="card-acts"><button onClick={() => setSure(true)}>{say('到达现场', 'I have arrived')}</button></p>;
  return (
    <p class="card-acts">
      <button class="first" onClick={arrive}>{say('确认到达', 'Yes, I am on site')}</button>
      <button onClick={() => setSure(false)}>{say('还没有', 'Not yet')}</button>
    </p>
  );
}
