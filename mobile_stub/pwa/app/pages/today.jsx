/** Today. */

import { Empty } from '../parts/empty.jsx';
import { say } from '../words.js';

export function Today() {
  return (
    <main>
      <h1>{say('今日', 'Today')}</h1>
      <Empty title={say('今天没有检查', 'Nothing for today')}>
        {say('检查安排好并获批准后，下次同步就出现在这里。', "Inspections that are planned and approved appear here after the next sync.")}
      </Empty>
    </main>
  );
}
