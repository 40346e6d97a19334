/** A page's head: the way back, what the page is, and its stage as a mark with a word. */

import { say } from '../words.js';
import { Icon } from './icon.jsx';

/** @param {{title: string, up: string, children?: any}} properties up: the place to go back to */
export function Head({ title, up, children }) {
  return (
    <header class="head">
      <a class="up" href={`#${up}`} aria-label={say('返回', 'Back')}><Icon name="back" /></a>
      <div>
        <h1>{title}</h1>
        {children}
      </div>
    </header>
  );
}

const ICONS = { ok: 'tick', waiting: 'clock', problem: 'alarm', unknown: 'clock' };

/** @param {{tone: 'ok' | 'waiting' | 'problem' | 'unknown', children: any}} properties */
export function Mark({ tone, children }) {
  return <span class={`mark is-${tone}`}><Icon name={ICONS[tone]} />{children}</span>;
}

/** Facts, each with its name; what is empty is left out. @param {{facts: [string, any][]}} properties */
export function Facts({ facts }) {
  return (
    <dl class="told">
      {facts.filter(([, value]) => value !== undefined && value !== null && value !== '').map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What a page shows before its first answer. @param {{title?: string}} properties */
export const Waiting = ({ title = say('正在打开', 'Opening') }) => (
  <main aria-busy="true"><h1>{title}</h1></main>
);

/** A record that this phone does not hold, or holds no longer. @param {{up?: string}} properties */
export function NotHere({ up = '/' }) {
  return (
    <main>
      <Head title={say('这里没有这条记录', 'This record is not here')} up={up} />
      <p>{say('它不在本机上：可能还没有同步，也可能已不在您的范围内。请同步一次再看。', 'This phone does not hold it: it was not synced yet, or is no longer in your scope. Sync once and look again.')}</p>
      <a class="button first wide" href="#/sync">{say('去同步', 'Go to sync')}</a>
    </main>
  );
}
