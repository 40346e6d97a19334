/** Another tab or window has the phone: one works at a time. */

import { goOnHere } from '../opening.js';
import { say } from '../words.js';

export function Elsewhere() {
  return (
    <main class="entry">
      <h1>{say('已在另一个窗口打开', 'Open in another window')}</h1>
      <p>{say(
        '同一时间只能有一个窗口使用这部手机，否则两边会各写各的。您记录的内容一项不少。',
        'One window at a time works with this phone, or each would write on its own. Nothing that you recorded is lost.',
      )}</p>
      <p>{say('要在这里继续，那个窗口会被锁定；在那里写了一半、没有保存的内容会丢失。', 'If you go on here the other window is locked; what is half written there and not kept is lost.')}</p>
      <div class="thumb">
        <button class="first" onClick={goOnHere}>{say('在这里继续', 'Go on here')}</button>
      </div>
    </main>
  );
}
