/** Links to what belongs to something, each a large target; one whose page this app does not have is left out. */

import { PAGES } from '../pages/index.js';
import { found } from '../router.js';

/** @param {{links: {to: string, or?: string, words: string, count?: string, if?: boolean}[]}} properties or: where the first has no page */
export function Links({ links }) {
  const there = links
    .filter((one) => one.if !== false)
    .map((one) => ({ ...one, to: [one.to, one.or].find((to) => to && found(PAGES, to)) }))
    .filter(({ to }) => to);
  return (
    <ul class="links">
      {there.map(({ to, words, count }) => (
        <li key={to + words}><a href={`#${to}`}><span>{words}</span>{count !== undefined && <span class="count">{count}</span>}</a></li>
      ))}
    </ul>
  );
}
