/** What was captured for an inspection, newest first, each with how it stands. */

import { useLive } from '../session.js';
import { Icon } from '../parts/icon.jsx';
import { clockTime, nameOfCode, say } from '../words.js';
import { useThumb } from './opened.js';
import { gallery } from './standing.js';
import { Tag } from './tag.jsx';

const ICONS = { video: 'video', audio: 'microphone', trace_code_scan: 'codes' };

/** @param {{inspection: string}} properties */
export function Gallery({ inspection }) {
  const items = useLive((phone) => gallery(phone, inspection), [inspection]);
  if (!items) return <p class="quiet" aria-busy="true">{say('正在打开……', 'Opening…')}</p>;
  if (!items.length) {
    return <p class="quiet gallery-none">{say('这次检查还没有证据。用上面的按钮采集第一件。', 'This inspection has no evidence yet. Capture the first item with the buttons above.')}</p>;
  }
  return (
    <section aria-labelledby="captured">
      <h2 id="captured">{say(`已采集 ${items.length} 件`, `${items.length} captured`)}</h2>
      <ul class="gallery">{items.map((item) => <Item key={item.id} item={item} />)}</ul>
    </section>
  );
}

function Item({ item }) {
  const { id, values, state, at } = item;
  const [place, address] = useThumb(id, values);
  const form = nameOfCode('evidence', values.form ? 'form' : 'media_type', values.form ?? values.media_type);
  return (
    <li class={state === 'voided' ? 'voided' : undefined}>
      <a href={`#/evidence/${id}`} ref={place}>
        <span class="glimpse">{address ? <img src={address} alt="" /> : <Icon name={ICONS[values.form] ?? 'file'} />}</span>
        <span class="what">{form}{at ? ` ${clockTime(at)}` : ''}</span>
        <Tag state={state} />
      </a>
    </li>
  );
}
