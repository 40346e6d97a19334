/** Sync: what is only here and what is on its way, what has a verified receipt, what was refused and what to do. */

import { useState } from 'preact/hooks';

import { wordsOfCode, wordsOfVerdict } from '../casework/outcomes.js';
import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { session, useSession } from '../session.js';
import { isUnsent } from '../standing.js';
import { syncNow } from '../syncing.js';
import { moment, nameOfField, nameOfType, say, size } from '../words.js';
import { Export } from './export.jsx';
import { opWords, progressWords, receivedWords, troubleWords } from './sync_words.js';

const SHOWN = 50;

export function Sync() {
  useSession();
  const { standing, syncing, report } = session;
  if (!standing) return <main aria-busy="true"><h1>{say('同步', 'Sync')}</h1></main>;
  const { items, files } = standing;
  return (
    <main class="sync">
      <h1>{say('同步', 'Sync')}</h1>
      <Now syncing={syncing} report={report} />
      {!items.length && !files.length && <Nothing />}
      <Part title={say('需要您处理', 'Need you')} all={items.filter(({ state }) => state === 'trouble')} row={Trouble} />
      <Part title={say('只在这部手机上', 'Only on this phone')} all={items.filter(isUnsent)} row={Waiting} />
      <Part title={say('待上传的文件', 'Files to send')} all={files.filter(({ state }) => state === 'waiting')} row={File} />
      <Part title={say('已有核验过的回执', 'With a verified receipt')} all={items.filter(({ state }) => state === 'received')} row={Received} />
      {standing.unsent > 0 && <Export />}
      <p class="more"><a href="#/phone">{say('这部手机：口令、锁定、导出、语言', 'This phone: PIN, lock, export, language')}</a></p>
    </main>
  );
}

function Nothing() {
  return (
    <Empty title={say('还没有要上传的内容', 'Nothing to send')}>
      {say('您记录的每一项，在服务器的回执核验之前都列在这里。', "Whatever you record is listed here until the server's receipt was verified.")}
    </Empty>
  );
}

/** What is under way or what stopped it, and the way to try again. */
function Now({ syncing, report }) {
  const told = new Map((report?.errors ?? []).map(({ code, detail }) => [code, detail]));
  return (
    <section>
      {!syncing && [...told].map(([code, detail]) => (
        <div key={code} class="note is-waiting" role="alert">
          <p>{troubleWords(code, detail)}</p>
        </div>
      ))}
      {syncing && <Progress told={syncing} />}
      <button class="first wide" disabled={Boolean(syncing)} onClick={syncNow}>
        {syncing ? say('正在同步……', 'Syncing…') : say('现在同步', 'Sync now')}
      </button>
    </section>
  );
}

function Progress({ told }) {
  const { done, total, bytes, size: whole } = told;
  const [value, max] = whole ? [bytes ?? 0, whole] : [done, total];
  return (
    <div class="progress">
      <p>{progressWords(told)}</p>
      {max ? <progress value={value} max={max} aria-label={say('进度', 'Progress')} /> : <progress aria-label={say('进度', 'Progress')} />}
    </div>
  );
}

function Part({ title, all, row: Row }) {
  const [whole, setWhole] = useState(false);
  if (!all.length) return null;
  return (
    <section>
      <h2>{title} <span class="quiet">{all.length}</span></h2>
      <ul class="rows">
        {(whole ? all : all.slice(0, SHOWN)).map((one) => <Row key={one.id ?? one.name} item={one} />)}
      </ul>
      {!whole && all.length > SHOWN && (
        <p><button onClick={() => setWhole(true)}>{say(`显示全部 ${all.length} 项`, `Show all ${all.length}`)}</button></p>
      )}
    </section>
  );
}

const nameOf = ({ op, type }) => `${opWords(op)}${nameOfType(type)}`;

function Waiting({ item }) {
  return (
    <li>
      <h3>{nameOf(item)}</h3>
      <p class="with-icon state-waiting"><Icon name="clock" /> {item.state === 'kept' ? say('未上传', 'Not sent') : say('已送出，等待回执', 'Sent, no receipt yet')}</p>
      <p class="quiet">{moment(item.at)}</p>
    </li>
  );
}

function Received({ item }) {
  return (
    <li>
      <h3>{nameOf(item)}</h3>
      <p class="with-icon state-ok"><Icon name="tick" /> {receivedWords(item)}</p>
    </li>
  );
}

function Trouble({ item }) {
  const { verdict, field, code } = item.outcome;
  const { tone, title, next } = wordsOfVerdict(verdict);
  const about = field ? say(`：${nameOfField(item.type, field)}`, `: ${nameOfField(item.type, field)}`) : '';
  return (
    <li>
      <h3>{nameOf(item)}</h3>
      <p class={`with-icon state-${tone}`}><Icon name="alarm" /> {title}{about}</p>
      {code && <p>{wordsOfCode(code)}</p>}
      <p>{next}</p>
      <p class="quiet">{moment(item.at)}</p>
      <p><a class="tap" href="#/needs">{say('去处理', 'See to it')}</a></p>
    </li>
  );
}

function File({ item }) {
  const { syncing } = session;
  const sent = syncing?.file === item.name ? syncing.bytes ?? 0 : 0;
  return (
    <li>
      <p class="with-icon state-waiting"><Icon name="clock" /> {sent ? say(`${size(item.size)}，已上传 ${size(sent)}`, `${size(item.size)}, ${size(sent)} of it sent`) : say(`${size(item.size)}，等待上传`, `${size(item.size)}, waits to be sent`)}</p>
    </li>
  );
}
