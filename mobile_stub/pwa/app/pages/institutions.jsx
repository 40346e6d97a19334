/** The institutions of the own scope, searched without a network. */

import { useState } from 'preact/hooks';

import { search } from '../casework/search.js';
import { Empty } from '../parts/empty.jsx';
import { Head, Waiting } from '../parts/head.jsx';
import { SearchBox } from '../parts/search_box.jsx';
import { WindowList } from '../parts/window_list.jsx';
import { useLive } from '../session.js';
import { nameOfCode, say } from '../words.js';

const ROW_PX = 76;

export function Institutions() {
  const [typed, setTyped] = useState('');
  const all = useLive((phone) => phone.list('institution'));
  if (!all) return <Waiting title={say('机构', 'Institutions')} />;
  const known = all.filter(({ life, values }) => life !== 'voided' && !values.alias);
  const found = search(known, typed, ({ values }) => [values.name, values.fixmedins_code, nameOfCode('institution', 'kind', values.kind)]);
  return (
    <main>
      <Head title={say('机构', 'Institutions')} up="/" />
      {known.length > 0 && <SearchBox value={typed} onChange={setTyped} words={say('名称或医保编码', 'Name or institution code')} found={found.length} />}
      {!known.length && (
        <Empty title={say('本机上还没有机构', 'No institution on this phone yet')}>{say('分给您检查的机构，下次同步就在这里。', 'The institutions of your inspections are here after the next sync.')}</Empty>
      )}
      {known.length > 0 && !found.length && <p class="quiet">{say('没有找到。少打几个字试试。', 'Nothing found; try fewer words.')}</p>}
      <WindowList things={found} high={ROW_PX} keyOf={({ id }) => id} label={say('机构', 'Institutions')} row={({ id, values }) => (
        <a class="row" href={`#/institution/${id}`}>
          <b>{values.name}</b>
          <span class="quiet">{values.fixmedins_code} · {nameOfCode('institution', 'kind', values.kind)}</span>
        </a>
      )} />
    </main>
  );
}
