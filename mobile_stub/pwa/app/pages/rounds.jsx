/** Rounds. */

import { Empty } from '../parts/empty.jsx';
import { say } from '../words.js';

export function Rounds() {
  return (
    <main>
      <h1>{say('查房', 'Rounds')}</h1>
      <Empty title={say('没有进行中的查房', 'No round is open')}>
        {say('从今日的检查里开始一次查房。', "Begin a round from one of today's inspections.")}
      </Empty>
    </main>
  );
}
