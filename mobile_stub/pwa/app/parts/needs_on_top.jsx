/** What needs the owner, on top of Today: how much, of what, and one tap to it; nothing where nothing does. */

import { needsOf } from '../casework/reading.js';
import { useLive } from '../session.js';
import { say } from '../words.js';
import { Icon } from './icon.jsx';

const WORDS = {
  refused: (n) => say(`${n} 项未被接受`, `${n} not accepted`),
  conflict: (n) => say(`${n} 处不一致`, `${n} to settle`),
  returned_evidence: (n) => say(`${n} 件证据被退回`, `${n} items of evidence returned`),
  returned_inspection: (n) => say(`${n} 次检查被退回`, `${n} inspections returned`),
};

export function NeedsOnTop() {
  const all = useLive(needsOf) ?? [];
  if (!all.length) return null;
  const counts = Object.keys(WORDS).map((kind) => [kind, all.filter((one) => one.asks && one.kind === kind).length]);
  const asked = counts.filter(([, count]) => count);
  const waiting = all.filter(({ asks }) => !asks).length;
  return (
    <section>
      <a class={`card needs-me ${asked.length ? 'is-asking' : ''}`} href="#/needs">
        <h2><Icon name={asked.length ? 'alarm' : 'clock'} />{asked.length ? say('需要我处理', 'Needs me') : say('等别人处理', 'Others act next')}</h2>
        <p>{[...asked.map(([kind, count]) => WORDS[kind](count)), waiting && say(`${waiting} 项等别人处理`, `${waiting} wait for others`)].filter(Boolean).join(say('，', ', '))}</p>
      </a>
    </section>
  );
}
