/** A box to search in; how many were found is said aloud, too. */

import { useId } from 'preact/hooks';

import { say } from '../words.js';

/** @param {{value: string, onChange: (typed: string) => void, words: string, found: number}} properties */
export function SearchBox({ value, onChange, words, found }) {
  const id = useId();
  return (
    <div class="search" role="search">
      <label for={id}>{words}</label>
      <input id={id} type="search" autocomplete="off" enterkeyhint="search" value={value} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
      <p class="quiet" role="status">{say(`${found} 条`, `${found} found`)}</p>
    </div>
  );
}
