/** The in-patients of an institution as they were imported, searched by bed, ward or name; names are masked until asked. */

import { useState } from 'preact/hooks';

import { masked } from '../casework/masked.js';
import { institutionOf } from '../casework/reading.js';
import { search } from '../casework/search.js';
import { Empty } from '../parts/empty.jsx';
import { Head, NotHere, Waiting } from '../parts/head.jsx';
import { SearchBox } from '../parts/search_box.jsx';
import { WindowList } from '../parts/window_list.jsx';
import { useLive } from '../session.js';
import { nameOfField, say } from '../words.js';

const ROW_PX = 76;

/** @param {{id: string}} properties the institution's */
export function Census({ id }) {
  const [typed, setTyped] = useState('');
  const [whole, setWhole] = useState(false);
  const known = useLive((phone) => institutionOf(phone, id), [id]);
  if (known === undefined) return <Waiting title={say('在院名单', 'In-patients')} />;
  if (known === null) return <NotHere up="/institutions" />;
  const { institution, census } = known;
  const found = search(census, typed, ({ values }) => [values.bed, values.ward, values.name, values.mdtrt_id]);
  return (
    <main>
      <Head title={say('在院名单', 'In-patients')} up={`/institution/${id}`}><p>{institution.values.name}</p></Head>
      {census.length > 0 && (
        <>
          <SearchBox value={typed} onChange={setTyped} words={say('床号、病区或姓名', 'Bed, ward or name')} found={found.length} />
          <label class="tick"><input type="checkbox" checked={whole} onChange={({ currentTarget }) => setWhole(currentTarget.checked)} /><span>{say('显示完整姓名', 'Show whole names')}</span></label>
        </>
      )}
      {!census.length && (
        <Empty title={say('本机上没有在院名单', 'No list of in-patients on this phone')}>{say('名单由监管人员导入，导入后下次同步就在这里。', 'A supervisor imports it; it is here after the next sync.')}</Empty>
      )}
      <WindowList things={found} high={ROW_PX} keyOf={(one) => one.id} label={say('在院名单', 'In-patients')} row={({ values }) => (
        <div class="row">
          <span class="plain">{values.ward} · {values.bed} · {whole ? values.name : masked(values.name)}</span>
          <span class="quiet">{nameOfField('encounter', 'admitted_on')} {values.admitted_on}</span>
        </div>
      )} />
    </main>
  );
}
