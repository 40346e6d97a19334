/** The thin strip that always says the truth about sync; green only where everything has a verified receipt. */

import { lock } from '../opening.js';
import { session, useSession } from '../session.js';
import { clockTime, moment, say } from '../words.js';

const DAY_MS = 86_400_000;

export function Strip() {
  useSession();
  const { standing, syncing, status, report } = session;
  if (session.practice) return <Practice />;
  const away = !navigator.onLine || report?.errors.some(({ code }) => code === 'offline');
  const parts = [
    away && !syncing ? say('离线', 'Offline') : '',
    syncing ? say('正在同步', 'Syncing') : '',
    unsentWords(standing),
    standing?.attention ? say(`${standing.attention} 项需处理`, `${standing.attention} need you`) : '',
    verifiedWords(standing),
  ];
  return (
    <p class={`strip ${toneOf(standing, status)}`} role="status">
      {parts.filter(Boolean).join(' · ')}
    </p>
  );
}

/** Nobody may take practice for work, or work for practice. */
function Practice() {
  return (
    <p class="strip is-practice" role="status">
      {say('练习：内容是虚构的，什么也不上传', 'Practice: all of it is invented, nothing is sent')}
      <button onClick={lock}>{say('结束练习', 'End practice')}</button>
    </p>
  );
}

function toneOf(standing, status) {
  if (status?.alarm || status?.stopped || standing?.attention) return 'is-problem';
  if (standing?.unsent) return 'is-waiting';
  return standing?.verified ? 'is-ok' : '';
}

function unsentWords(standing) {
  if (!standing) return '';
  if (standing.unsent) return say(`${standing.unsent} 项未上传`, `${standing.unsent} not sent`);
  return standing.items.length ? say('全部已有回执', 'All have receipts') : say('没有未上传的内容', 'Nothing waits to be sent');
}

function verifiedWords(standing) {
  if (!standing?.verified) return '';
  const today = Date.now() - standing.verified < DAY_MS;
  const when = today ? clockTime(standing.verified) : moment(standing.verified);
  return say(`上次核验回执 ${when}`, `last receipt verified ${when}`);
}
