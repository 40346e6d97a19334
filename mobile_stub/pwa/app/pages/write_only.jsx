/**
 * The lease is over: nothing earlier is shown, and recording goes on. Inspections appear by their day alone; pictures
 * and words are kept under them as ever.
 */

import { useState } from 'preact/hooks';

import { list } from '../../protocol/view.js';
import { KIND_OF } from '../capture/keep.js';
import { Icon } from '../parts/icon.jsx';
import { lazy } from '../parts/lazy.jsx';
import { session, useLive } from '../session.js';
import { syncNow } from '../syncing.js';
import { day, nameOfCode, say } from '../words.js';

const Camera = lazy(() => import('../capture/camera.jsx'), 'Camera');
const WORKING = new Set(['approved', 'on_site', 'returned']);

export function WriteOnly() {
  const open = useLive(inspections) ?? [];
  const [chosen, setChosen] = useState(null);
  const [kept, setKept] = useState(0);
  const keep = async (photo) => {
    await session.phone.takeEvidence([photo.bytes], {
      inspection: chosen, form: 'photo', kind: KIND_OF.photo, media_type: photo.type, position: photo.position,
    });
    setKept((count) => count + 1);
  };
  return (
    <main>
      <h1 class="with-icon"><Icon name="lock" /> {say('以前的记录已锁定', 'Earlier records are locked')}</h1>
      <p>{say(
        '这部手机太久没有联系服务器，为防丢失，以前的记录暂不显示。连上网络同步一次就恢复；没有上传的内容都还在。',
        'This phone has been out of touch with the server for too long; in case it was lost, earlier records are not shown. One sync brings them back; what was not sent is still here.',
      )}</p>
      <button class="first wide" disabled={Boolean(session.syncing)} onClick={syncNow}>
        {session.syncing ? say('正在同步……', 'Syncing…') : say('现在同步', 'Sync now')}
      </button>
      <h2>{say('继续取证', 'Go on recording')}</h2>
      {kept > 0 && <p role="status">{say(`已在这部手机上保存 ${kept} 张照片`, `${kept} photos kept on this phone`)}</p>}
      {!open.length && <p class="quiet">{say('没有进行中的检查。', 'No inspection is under way.')}</p>}
      <ul class="cards">
        {open.map(({ id, values }) => (
          <li key={id}>
            <button class="wide" onClick={() => setChosen(id)}>
              {say(`拍照：${day(values.planned_on)}的${nameOfCode('inspection', 'kind', values.kind)}`, `Photo: ${nameOfCode('inspection', 'kind', values.kind)} of ${day(values.planned_on)}`)}
            </button>
          </li>
        ))}
      </ul>
      {chosen && <Camera onPhoto={keep} onClose={() => setChosen(null)} />}
    </main>
  );
}

/** Asked past the lease: whoever records must name an inspection, and its day tells nobody anything. */
async function inspections(phone) {
  const all = await list(phone.kit, 'inspection');
  return all.filter(({ values }) => WORKING.has(values.stage));
}
