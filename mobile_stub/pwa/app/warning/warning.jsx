/** A warning as a page that covers the app until it was read, and as a band that stays while it holds. */

import { useEffect, useRef } from 'preact/hooks';

import { haveRead } from '../opening.js';
import { Icon } from '../parts/icon.jsx';
import { session } from '../session.js';
import { fingerprintOf, moment, say } from '../words.js';

/** @param {{warning: import('./warnings.js').Warning, onRead?: () => void}} properties */
export function WarningPage({ warning, onRead = () => haveRead(warning.id) }) {
  const title = useRef(null);
  useEffect(() => {
    title.current.focus();
    navigator.vibrate?.([300, 100, 300]);
  }, [warning.id]);
  return (
    <main class={`warning is-${warning.tone}`} role="alertdialog" aria-labelledby="warning">
      <h1 id="warning" ref={title} tabIndex={-1}><Icon name="alarm" /> {warning.title}</h1>
      <h2>{say('发生了什么', 'What happened')}</h2>
      {warning.what.map((line) => <p key={line}>{line}</p>)}
      <h2>{say('请这样做', 'What to do')}</h2>
      {warning.next.map((line) => <p key={line}>{line}</p>)}
      {warning.way === 'call' && <Facts />}
      <div class="thumb">
        {warning.way === 'renew' && <a class="button" href="#/renew" onClick={onRead}>{say('录入新的登记码', 'Enter a new code')}</a>}
        <button class="first" onClick={onRead}>{say('我已读完', 'I have read it')}</button>
      </div>
    </main>
  );
}

/** What the administrator compares with the ledger: no name, no answer. */
function Facts() {
  const { status, standing } = session;
  return (
    <dl class="facts">
      <dt>{say('手机', 'Phone')}</dt>
      <dd class="code">{status.device}</dd>
      <dt>{say('这部手机最后核验的台账', 'The ledger as this phone last verified it')}</dt>
      <dd class="code">{status.origin} · {status.head.size} · {fingerprintOf(status.head.root)}</dd>
      {standing?.verified && <dt>{say('最后一份核验过的回执', 'The last receipt that was verified')}</dt>}
      {standing?.verified && <dd>{moment(standing.verified)}</dd>}
      <dt>{say('查出的问题', 'What was found')}</dt>
      <dd lang="en">{status.alarm}</dd>
    </dl>
  );
}

/** @param {{warning: import('./warnings.js').Warning}} properties */
export function WarningBand({ warning }) {
  return (
    <a class={`band is-${warning.tone}`} href="#/warning"><Icon name="alarm" /> {warning.title}</a>
  );
}
