/** Ticking the evidence of a finding among what was taken in the inspection, the newest first. */

import { nameOfCode, nameOfStage, say } from '../words.js';

/** @param {{value: string[], onChange: (ids: string[]) => void, id: string, evidence: any[]}} properties */
export function EvidencePick({ value, onChange, id, evidence }) {
  if (!evidence.length) return <p class="quiet" id={id}>{say('这次检查还没有证据。以后可以再补上。', 'No evidence in this inspection yet; it can be added later.')}</p>;
  const newest = [...evidence].sort((one, other) => (one.id < other.id ? 1 : -1));
  return (
    <div class="picks" id={id} tabIndex={-1} role="group" aria-label={say('证据', 'Evidence')}>
      {newest.map((one) => (
        <label class="tick" key={one.id}>
          <input type="checkbox" checked={value.includes(one.id)} onChange={({ currentTarget }) => onChange(currentTarget.checked ? [...value, one.id] : value.filter((other) => other !== one.id))} />
          <span>{titleOf(one)}<span class="quiet"> {nameOfStage('evidence', one.values.stage)}</span></span>
        </label>
      ))}
    </div>
  );
}

/** @param {any} evidence as the phone shows it @returns {string} what it is, and its note's beginning */
export function titleOf({ values }) {
  const kind = values.form ? nameOfCode('evidence', 'form', values.form) : nameOfCode('evidence', 'kind', values.kind);
  return [kind, values.note?.slice(0, 24)].filter(Boolean).join(' · ');
}
