/** The bottom bar: four places in thumb's reach. */

import { say } from '../words.js';
import { Icon } from '../parts/icon.jsx';

const TABS = [
  { tab: 'today', to: '/', icon: 'today', word: () => say('今日', 'Today') },
  { tab: 'rounds', to: '/rounds', icon: 'bed', word: () => say('查房', 'Rounds') },
  { tab: 'evidence', to: '/evidence', icon: 'camera', word: () => say('取证', 'Evidence') },
  { tab: 'sync', to: '/sync', icon: 'sync', word: () => say('同步', 'Sync') },
];

const OPERATORS = ['today', 'sync'];

/** @param {{tab?: string, operator?: boolean}} properties operator: who answers called rounds has two of them */
export function Bar({ tab, operator = false }) {
  const tabs = operator ? TABS.filter((one) => OPERATORS.includes(one.tab)) : TABS;
  return (
    <nav class="bar" aria-label={say('主要页面', 'Main pages')}>
      {tabs.map((one) => (
        <a key={one.tab} href={`#${one.to}`} aria-current={one.tab === tab ? 'page' : undefined}>
          <Icon name={one.icon} />
          {one.word()}
        </a>
      ))}
    </nav>
  );
}
