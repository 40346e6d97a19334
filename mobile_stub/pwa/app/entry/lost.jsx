/** The browser has cleared what it kept: what that means, and what to do. */

import { startAnew } from '../opening.js';
import { Icon } from '../parts/icon.jsx';
import { say } from '../words.js';

export function Lost() {
  return (
    <main class="entry">
      <h1><Icon name="alarm" /> {say('这部手机上的数据不见了', 'The data of this phone is gone')}</h1>
      <p>{say(
        '这里登记过一部手机，但浏览器已把它的数据清除（清理过浏览数据，或存储空间不足）。',
        'A phone was enrolled here, but the browser has cleared its data (somebody cleared the browsing data, or storage ran out).',
      )}</p>
      <p>{say(
        '已经上传并有回执的内容都在台账里，一项不少。没有上传、也没有导出的内容已无法找回，请告诉主管。',
        'Whatever was sent and has its receipt is in the ledger, all of it. What was neither sent nor exported cannot be recovered: tell your supervisor.',
      )}</p>
      <p>{say('请管理员出示新的登记码，并注明接替原来的手机。', 'Ask your administrator for a new code that takes the place of the former phone.')}</p>
      <div class="thumb">
        <button class="first" onClick={startAnew}>{say('重新登记这部手机', 'Enrol this phone again')}</button>
      </div>
    </main>
  );
}
