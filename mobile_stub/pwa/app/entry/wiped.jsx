/** The phone was ordered to erase itself, and has. */

import { begin } from '../opening.js';
import { say } from '../words.js';

export function Wiped() {
  return (
    <main class="entry">
      <h1>{say('这部手机上的数据已清除', 'The data on this phone was erased')}</h1>
      <p>{say(
        '这部手机已被报失或注销，本单位签名下令清除。没有上传的内容先送到了服务器，由主管决定是否采纳（要求立即清除的除外）。',
        'This phone was reported lost or revoked, and the bureau’s signed order was to erase it. What was not sent went to the server first, where a supervisor decides about it (unless the order said at once).',
      )}</p>
      <p>{say('如果手机在您手上，请告诉管理员。', 'If you hold this phone, tell your administrator.')}</p>
      <div class="thumb"><button onClick={begin}>{say('重新登记', 'Enrol again')}</button></div>
    </main>
  );
}
