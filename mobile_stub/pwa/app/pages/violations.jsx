/** The violations that are frozen on an inspection, searched without a network: code, article, usual measure. */

import { useState } from 'preact/hooks';

import { basisOf } from '../casework/violations.js';
import { Empty } from '../parts/empty.jsx';
import { Head, Waiting } from '../parts/head.jsx';
import { SearchBox } from '../parts/search_box.jsx';
import { useLive } from '../session.js';
import { say } from '../words.js';
import { NoCatalogue, orNone } from './checklist.jsx';

/** @param {{inspection: string}} properties */
export function Violations({ inspection }) {
  const [typed, setTyped] = useState('');
  const title = say('违规目录', 'Violations');
  const rows = useLive((phone) => phone.violations(inspection, typed).catch(orNone), [inspection, typed]);
  const visit = useLive((phone) => phone.show(inspection), [inspection]);
  const up = `/inspection/${inspection}`;
  if (rows === undefined || !visit) return <Waiting title={title} />;
  if (!rows) return <NoCatalogue up={up} title={title} />;
  return (
    <main class="checklist">
      <Head title={title} up={up} />
      <SearchBox value={typed} onChange={setTyped} words={say('搜索：挂床、串换、条款……', 'Search: bed hanging, article…')} found={rows.length} />
      {rows.length ? <ul class="items">{rows.map((row) => <Violation key={row.code} row={row} day={visit.values.planned_on} />)}</ul> : (
        <Empty title={say('目录里没有', 'Not in the catalogue')}>{say('换一个词试试，编号和条款也可以。', 'Try another word; codes and articles are found, too.')}</Empty>
      )}
    </main>
  );
}

function Violation({ row, day }) {
  const article = basisOf(row, day);
  return (
    <li>
      <b>{say(row.zh, row.en ?? row.zh)}</b> <span class="quiet">{row.code}</span>
      {article && <p>{say(article.zh, article.en ?? article.zh)}{!article.verified && <span class="quiet">{say('（条文未核实，引用前须核对原文）', ' (not verified: check the text before citing it)')}</span>}</p>}
      {row.facts_zh && <p class="quiet">{row.facts_zh}</p>}
    </li>
  );
}
