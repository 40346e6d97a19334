/** Rounds: those under way, those that the desk planned, and the inspections in which one can begin. */

import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { useLive } from '../session.js';
import { nameOfCode, nameOfField, say } from '../words.js';

const OVER = ['concluded', 'confirmed'];
const RECORDING = ['approved', 'on_site', 'returned'];

export function Rounds() {
  const found = useLive(agenda);
  if (!found) return <main aria-busy="true"><h1>{say('查房', 'Rounds')}</h1></main>;
  const { open, over, sites } = found;
  return (
    <main>
      <h1>{say('查房', 'Rounds')}</h1>
      {open.length > 0 && <Cards title={say('进行中', 'Under way')} all={open} />}
      {sites.length > 0 && <Sites all={sites} />}
      {over.length > 0 && <Cards title={say('已结束', 'Finished')} all={over} />}
      {!open.length && !sites.length && !over.length && (
        <Empty title={say('没有进行中的查房', 'No round is open')}>
          {say('检查获批准并同步到本机后，在这里开始查房。', 'Once an inspection is approved and synced, its rounds begin here.')}
        </Empty>
      )}
    </main>
  );
}

/** @param {import('../../protocol/phone.js').Phone} phone */
async function agenda(phone) {
  const [rounds, inspections, institutions, checks] = await Promise.all(
    ['ward_round', 'inspection', 'institution', 'bed_check'].map((type) => phone.list(type)),
  );
  const site = new Map(inspections.map(({ id, values }) => [id, values]));
  const names = new Map(institutions.map(({ id, values }) => [id, values.name]));
  const done = (id) => new Set(checks.filter(({ life, values }) => life !== 'voided' && values.ward_round === id).map(({ values }) => values.encounter)).size;
  const known = rounds
    .filter(({ life }) => life !== 'voided')
    .map(({ id, values }) => ({ id, ...values, done: done(id), name: names.get(values.institution ?? site.get(values.inspection)?.institution) }));
  const bedside = known.filter(({ mode }) => mode === 'bedside');
  return {
    open: bedside.filter(({ stage }) => !OVER.includes(stage)),
    over: bedside.filter(({ stage }) => OVER.includes(stage)),
    sites: inspections
      .filter(({ life, values }) => life !== 'voided' && RECORDING.includes(values.stage))
      .map(({ id, values }) => ({ id, name: names.get(values.institution), ...values })),
  };
}

function Cards({ title, all }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul class="cards">
        {all.map((one) => (
          <li key={one.id}>
            <a class="card" href={`#/round/${one.id}`}>
              <h3>{one.name ?? say('查房', 'Ward round')}</h3>
              <p>{nameOfCode('ward_round', 'mode', one.mode)}{one.wards?.length ? ` · ${one.wards.join(say('、', ', '))}` : ''}</p>
              <p class="quiet">{say(`已查 ${one.done} 床`, `${one.done} beds checked`)}{one.started_at ? '' : say(' · 尚未开始', ' · not begun')}</p>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sites({ all }) {
  return (
    <section>
      <h2>{nameOfField('ward_round', 'inspection')}</h2>
      <ul class="cards">
        {all.map((one) => (
          <li key={one.id} class="card">
            <strong>{one.name ?? say('机构尚未同步', 'Institution not synced yet')}</strong>
            <p class="pair">
              <a class="button first" href={`#/round/new/${one.id}`}><Icon name="bed" />{say('开始查房', 'Begin a round')}</a>
              <a class="button" href={`#/leaving/${one.id}`}><Icon name="tick" />{say('离场检查', 'Before leaving')}</a>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
