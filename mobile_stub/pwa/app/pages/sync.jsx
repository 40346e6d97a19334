/** Sync. */

import { Empty } from '../parts/empty.jsx';
import { say } from '../words.js';

export function Sync() {
  return (
    <main>
      <h1>{say('同步', 'Sync')}</h1>
      <Empty title={say('还没有要上传的内容', 'Nothing to send')}>
        {say('您记录的每一项，在服务器的回执核验之前都列在这里。', "Whatever you record is listed here until the server's receipt was verified.")}
      </Empty>
    </main>
  );
}
