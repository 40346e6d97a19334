/** Bands that tell of the phone itself: a new version, little room, a clock that is wrong. Each says what to do. */

import { useState } from 'preact/hooks';

import { session } from '../session.js';
import { ROOM_BYTES_MIN } from '../storage.js';
import { takeUpdate } from '../update.js';
import { say, size } from '../words.js';

const OFF_MS_MIN = 5 * 60_000;
const HOUR_MS = 3_600_000;

export function Notices() {
  const { update, room, status, full } = session;
  const off = status?.clock_offset_ms ?? 0;
  return (
    <>
      {update && <Update />}
      {(full || (room && room.left < ROOM_BYTES_MIN)) && <LittleRoom full={full} room={room} />}
      {Math.abs(off) > OFF_MS_MIN && (
        <p class="notice">
          {clockWords(off)}
          {say('，记录的时间以服务器核对为准。请在系统设置里打开自动校时。', '. Times are checked against the server’s. Turn on automatic time in the system’s settings.')}
        </p>
      )}
    </>
  );
}

/** @param {number} offMs the server's time minus the phone's @returns {string} */
export function clockWords(offMs) {
  const fast = offMs < 0;
  const hours = Math.abs(offMs) / HOUR_MS;
  const [zh, en] = hours >= 23.5
    ? [`${Math.round(hours / 24)} 天`, `${Math.round(hours / 24)} d`]
    : hours >= 1 ? [`${Math.round(hours)} 小时`, `${Math.round(hours)} h`] : [`${Math.round(hours * 60)} 分钟`, `${Math.round(hours * 60)} min`];
  return say(`手机时钟${fast ? '快' : '慢'}了约 ${zh}`, `This phone’s clock is about ${en} ${fast ? 'fast' : 'slow'}`);
}

function LittleRoom({ full, room }) {
  return (
    <p class="notice" role="alert">
      {full
        ? say('手机存储已满，刚才的内容没有保存。', 'The phone’s storage is full: the last thing was not kept. ')
        : say(`存储空间只剩约 ${size(room.left)}。`, `Only about ${size(room.left)} of storage are left. `)}
      {say('请先同步，再删除手机里不用的照片或应用。', 'Sync first, then delete pictures or apps that you do not need.')}
    </p>
  );
}

/** The update waits for a safe moment: with unsent work it is named, and the user decides. */
function Update() {
  const [asked, setAsked] = useState(false);
  const unsent = session.standing?.unsent ?? 0;
  const take = () => (unsent && !asked ? setAsked(true) : takeUpdate());
  return (
    <div class="notice" role="status">
      <p>{asked
        ? say(`有 ${unsent} 项未上传。更新不会动它们，但最好先同步。正在填写而没有保存的内容请先保存。`, `${unsent} items are not sent. The update does not touch them, but syncing first is better. Keep first what you are writing.`)
        : say('应用有新版本。更新后需要重新输入口令。', 'There is a new version of the app. After the update the PIN is asked for.')}</p>
      <p class="card-acts">
        {asked && <a class="button" href="#/sync">{say('先同步', 'Sync first')}</a>}
        <button onClick={take}>{asked ? say('仍然更新', 'Update anyway') : say('现在更新', 'Update now')}</button>
      </p>
    </div>
  );
}
