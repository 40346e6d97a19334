/** How far the sample is: always in sight. */

import { say } from '../words.js';
import { Sign } from './presence.jsx';
import { DISPUTED, PRESENCES } from './sample.js';
import { nameOfPresence } from './words.js';

/** @param {{progress: ReturnType<typeof import('./sample.js').progress>, slim?: boolean}} properties */
export function Progress({ progress, slim = false }) {
  const { total, done, suspected, counts } = progress;
  const words = say(`已查 ${done} / ${total} 床`, `${done} of ${total} beds`);
  return (
    <section class="round-progress" aria-label={say('样本进度', 'Progress of the sample')}>
      <p><strong>{words}</strong>{suspected ? <span class="suspected"> · {say(`存疑 ${suspected}`, `${suspected} suspected`)}</span> : null}</p>
      <progress max={Math.max(1, total)} value={done}>{words}</progress>
      {!slim && done > 0 && (
        <ul class="counts">
          {[...PRESENCES, DISPUTED].filter((one) => counts[one]).map((one) => (
            <li key={one} class={`is-${one}`}><Sign presence={one} />{nameOfPresence(one)} {counts[one]}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
