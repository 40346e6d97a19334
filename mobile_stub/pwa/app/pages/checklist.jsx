/** The checklist that is frozen on an inspection: searched and answered without a network, nobody's answer overwritten. */

import { useState } from 'preact/hooks';

import { Empty } from '../parts/empty.jsx';
import { Head, Mark, Waiting } from '../parts/head.jsx';
import { SearchBox } from '../parts/search_box.jsx';
import { session, useLive } from '../session.js';
import { fieldOf, nameOfCode, say } from '../words.js';

const TYPE = 'checklist_answer';

/** @param {{inspection: string}} properties */
export function Checklist({ inspection }) {
  const [typed, setTyped] = useState('');
  const all = useLive((phone) => phone.checklist(inspection).catch(orNone), [inspection]);
  const shown = useLive((phone) => phone.checklist(inspection, typed).catch(orNone), [inspection, typed]);
  const up = `/inspection/${inspection}`;
  if (all === undefined || shown === undefined) return <Waiting title={say('检查清单', 'Checklist')} />;
  if (!all) return <NoCatalogue up={up} title={say('检查清单', 'Checklist')} />;
  const left = all.filter(({ settled }) => !settled).length;
  const answered = all.filter(({ answers }) => answers.length).length;
  return (
    <main class="checklist">
      <Head title={say('检查清单', 'Checklist')} up={up}>
        {left ? (
          <p><Mark tone="waiting">{say(`已答 ${answered} / ${all.length}，必答还差 ${left} 项`, `${answered} of ${all.length} answered, ${left} required are left`)}</Mark></p>
        ) : <p>{say(`已答 ${answered} / ${all.length}，必答的都答了`, `${answered} of ${all.length} answered, none required is left`)}</p>}
      </Head>
      <p><a class="button" href={`#/violations/${inspection}`}>{say('查违规目录', 'Search the violations')}</a></p>
      <SearchBox value={typed} onChange={setTyped} words={say('搜索清单', 'Search the checklist')} found={shown.length} />
      {shown.length ? <ul class="items">{shown.map((item) => <Item key={item.row.code} item={item} inspection={inspection} />)}</ul> : (
        <Empty title={say('没有找到', 'Nothing found')}>{say('换一个词试试，编号也可以。', 'Try another word; codes are found, too.')}</Empty>
      )}
    </main>
  );
}

/** What is not at hand is told; whatever else goes wrong is not hidden. */
export function orNone(error) {
  if (['no_catalogue', 'record_unknown'].includes(error.code)) return null;
  throw error;
}

/** @param {{title: string, up: string}} properties */
export function NoCatalogue({ title, up }) {
  return (
    <main>
      <Head title={title} up={up} />
      <Empty title={say('这次检查还没有目录', 'This inspection has no catalogue yet')}>{say('目录随检查的批准固定下来，同步一次就会取到手机上。', 'It is frozen when the inspection is approved; one sync brings it to this phone.')}</Empty>
    </main>
  );
}

function Item({ item: { row, answers, state }, inspection }) {
  const [busy, setBusy] = useState(false);
  const own = answers.find(({ mine }) => mine);
  const answer = async (word) => {
    if (busy || own?.answer === word) return;
    setBusy(true);
    try {
      if (own) await session.phone.edit(own.record, { answer: word });
      else await session.phone.create(TYPE, { inspection, item: row.code, answer: word });
      navigator.vibrate?.(20);
    } finally {
      setBusy(false);
    }
  };
  const others = answers.filter(({ mine }) => !mine);
  return (
    <li>
      <fieldset class="plain">
        <legend><b>{say(row.zh, row.en ?? row.zh)}</b> <span class="quiet">{row.code}{row.required ? say(' · 必答', ' · required') : ''}</span></legend>
        <div class="answers">
          {fieldOf(TYPE, 'answer').choices.map((one) => (
            <button type="button" key={one.value} class={`answer-${one.value}`} aria-pressed={own?.answer === one.value} disabled={busy} onClick={() => answer(one.value)}>{say(one.zh, one.en)}</button>
          ))}
        </div>
      </fieldset>
      {others.length > 0 && <p class="quiet">{say('同行：', 'Colleague: ')}{others.map((one) => nameOfCode(TYPE, 'answer', one.answer)).join('、')}</p>}
      {state === 'disputed' && <p><Mark tone="problem">{say('两人答得不一样，请商量后改其中一个', 'Two answers differ: agree, and change one')}</Mark></p>}
      {own?.answer === 'violates' && <p><a href={`#/inspection/${inspection}/finding`}>{say('登记为问题', 'Write a finding')}</a></p>}
    </li>
  );
}
