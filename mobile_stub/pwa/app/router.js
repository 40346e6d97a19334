/**
 * Where the user is: the part of the address after `#`, so that the app is one page for the service worker.
 *
 * A place is `/round/<id>/bed/<id>`; nothing of a person ever stands in it, ids alone.
 */

import { useEffect, useState } from 'preact/hooks';

/** @returns {string} the present place; `/` where none is named */
export const place = () => location.hash.slice(1) || '/';

/** Go to a place; instead: without a step to come back to. @param {string} to @param {{instead?: boolean}} [how] */
export function go(to, { instead = false } = {}) {
  if (instead) location.replace(`#${to}`);
  else location.hash = to;
}

/** Go back one step, or to a place where there is none. @param {string} otherwise */
export function back(otherwise = '/') {
  if (history.length > 1) history.back();
  else go(otherwise, { instead: true });
}

/** @returns {string} the present place; the caller is drawn anew when it changes */
export function usePlace() {
  const [at, setAt] = useState(place());
  useEffect(() => {
    const moved = () => setAt(place());
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return at;
}

/**
 * Return the page of a place and what stands in its address; null where no page has it.
 * @template P
 * @param {{path: string, page: P}[]} pages path: `/round/:id`
 * @param {string} at
 * @returns {{page: P, path: string, named: Record<string, string>} | null}
 */
export function found(pages, at) {
  const parts = at.split('/');
  for (const { path, page } of pages) {
    const wanted = path.split('/');
    if (wanted.length !== parts.length) continue;
    const named = {};
    const fits = wanted.every((part, n) => {
      if (!part.startsWith(':')) return part === parts[n];
      named[part.slice(1)] = decodeURIComponent(parts[n]);
      return parts[n] !== '';
    });
    if (fits) return { page, path, named };
  }
  return null;
}
