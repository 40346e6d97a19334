/** What stands before the app: enrolling, the PIN, or nothing. */

import { useSession } from '../session.js';
import { Frame } from '../shell/frame.jsx';
import { say } from '../words.js';
import { Elsewhere } from './elsewhere.jsx';
import { Enrol } from './enrol.jsx';
import { Lost } from './lost.jsx';
import { Unlock } from './unlock.jsx';
import { Wiped } from './wiped.jsx';

const GATES = { new: Enrol, lost: Lost, elsewhere: Elsewhere, wiped: Wiped, locked: Unlock, open: Frame };

export function Gate() {
  const Here = GATES[useSession().state];
  return Here ? <Here /> : <main class="entry" aria-busy="true">{say('正在打开……', 'Opening…')}</main>;
}
