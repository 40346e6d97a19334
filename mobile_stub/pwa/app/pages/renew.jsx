/** A new code for a phone that was stopped or whose ledger has a new key: what was not sent goes on under it. */

import { Enrol } from '../entry/enrol.jsx';
import { go } from '../router.js';
import { say } from '../words.js';

export function Renew() {
  return <Enrol title={say('用新的登记码继续', 'Go on with a new code')} onDone={() => go('/sync', { instead: true })} />;
}
