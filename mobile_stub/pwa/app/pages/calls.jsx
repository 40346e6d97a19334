/** All that a ward operator's phone shows: the rounds that wait for its answer. */

import { Empty } from '../parts/empty.jsx';
import { TimeLeft, usePolling } from '../rounds/call.jsx';
import { callsTo } from '../rounds/operator.js';
import { session, useLive } from '../session.js';
import { say } from '../words.js';

export function Calls() {
  usePolling();
  const calls = useLive(async (phone) => callsTo(await phone.list('ward_round'), phone.kit.me.user));
  if (!calls || !session.phone) return <main aria-busy="true"><h1>{say('远程查房', 'Remote rounds')}</h1></main>;
  return (
    <main>
      <h1>{say('远程查房', 'Remote rounds')}</h1>
      {!calls.length && (
        <Empty title={say('现在没有呼叫', 'Nobody calls now')}>
          {say('医保局发起远程查房后，这里会出现需要拍照的床位。请保持应用打开。', 'When the bureau calls a round, the beds to photograph appear here. Keep the app open.')}
        </Empty>
      )}
      <ul class="cards">
        {calls.map(({ id, values }) => (
          <li key={id}>
            <a class="card is-call" href={`#/answer/${id}`}>
              <h3>{say('远程查房正在等您应答', 'A remote round waits for you')}</h3>
              <p>{say(`抽中 ${values.drawn?.length ?? 0} 床`, `${values.drawn?.length ?? 0} beds were drawn`)}</p>
              <TimeLeft until={values.respond_by} />
            </a>
          </li>
        ))}
      </ul>
    </main>
  );
}
