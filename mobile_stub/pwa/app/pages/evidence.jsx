/** Evidence. */

import { Empty } from '../parts/empty.jsx';
import { say } from '../words.js';

export function Evidence() {
  return (
    <main>
      <h1>{say('取证', 'Evidence')}</h1>
      <Empty title={say('还没有取证', 'No evidence yet')}>
        {say('先打开一次检查，再拍照、录音或扫描。', "Open an inspection first, then photograph, record or scan.")}
      </Empty>
    </main>
  );
}
