/** Sync: what is only here, what has a verified receipt, what was refused and what to do. */

import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { session, useSession } from '../session.js';
import { isUnsent } from '../standing.js';
import { syncNow } from '../syncing.js';
import { moment, nameOfField, nameOfType, say, size } from '../words.js';
import { doWords, opWords, troubleWords, verdictWords } from './sync_words.js';

export function Sync() {
  useSession();
  const { standing, syncing, report } = session;
  if (!standing) return <main aria-busy="true"><h1>{say('同步', 'Sync')}</h1></main>;
  const trouble = standing.items.filter(({ state }) => state === 'trouble');
  const waiting = standing.items.filter(isUnsent);
  const received = standing.items.filter(({ state }) => state === 'received');
  return (
    <main>
      <h1>{say('同步', 'Sync')}</h1>
      <Now syncing={syncing} report={report} />
      {!standing.items.length && !standing.files.length && <Nothing />}
      <Part title={say('需要您处理', 'Need you')} all={trouble} row={Trouble} />
      <Part title={say('只在这部手机上', 'Only on this phone')} all={waiting} row={Waiting} />
      <Files all={standing.files.filter(({ state }) => state === 'waiting')} />
      <Part title={say('已有核验过的回执', 'With a verified receipt')} all={received} row={Received} />
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

function Now({ syncing, report }) {
  return (
    <section>
      {report?.errors.map(({ part, code, detail }) => (
        <div key={part + code} class="note is-waiting" role="alert">
          <p>{troubleWords(code, detail)}</p>
        </div>
      ))}
      <p><button class="first" disabled={Boolean(syncing)} onClick={syncNow}>{syncing ? say('正在同步……', 'Syncing…') : say('现在同步', 'Sync now')}</button></p>
    </section>
  );
}

function Part({ title, all, row: Row }) {
  if (!all.length) return null;
  return (
    <section>
      <h2>{title} <span class="quiet">{all.length}</span></h2>
      <ul class="rows">
        {all.map((item) => <Row key={item.id} item={item} />)}
      </ul>
    </section>
  );
}

const nameOf = ({ op, type }) => `${opWords(op)}${say('', ' ')}${nameOfType(type)}`;

function Waiting({ item }) {
  return (
    <li>
      <h3>{nameOf(item)}</h3>
      <p class="with-icon state-waiting"><Icon name="clock" /> {item.state === 'kept' ? say('未上传', 'Not sent') : say('已送出，等待回执', 'On its way, no receipt yet')}</p>
      <p class="quiet">{moment(item.at)}</p>
    </li>
  );
}

function Received({ item }) {
  return (
    <li>
      <h3>{nameOf(item)}</h3>
      <p class="with-icon state-ok"><Icon name="tick" /> {verdictWords(item.outcome.verdict)}{item.received ? say(`，回执 ${moment(item.received)}`, `, receipt of ${moment(item.received)}`) : ''}</p>
    </li>
  );
}

function Trouble({ item }) {
  const { verdict, field } = item.outcome;
  return (
    <li>
      <h3>{nameOf(item)}</h3>
      <p class="with-icon state-problem"><Icon name="alarm" /> {verdictWords(verdict)}{field ? say(`：${nameOfField(item.type, field)}`, `: ${nameOfField(item.type, field)}`) : ''}</p>
      <p>{doWords(item.outcome)}</p>
      <p class="quiet">{moment(item.at)}</p>
    </li>
  );
}

function Files({ all }) {
  if (!all.length) return null;
  return (
    <section>
      <h2>{say('待上传的文件', 'Files to send')} <span class="quiet">{all.length}</span></h2>
      <ul class="rows">
        {all.map((file) => (
          <li key={file.name}>
            <p class="with-icon state-waiting"><Icon name="clock" /> {size(file.size)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
