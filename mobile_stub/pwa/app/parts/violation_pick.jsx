/** Choosing a violation by a word of it; the article it falls under is shown, and whether its text was verified. */

import { useState } from 'preact/hooks';

import { basisOf } from '../casework/violations.js';
import { search } from '../casework/search.js';
import { nameOfCode, say } from '../words.js';

const nameOf = (row) => say(row.zh, row.en ?? row.zh);

/**
 * @param {{value: string, id: string, fault?: any, described?: string, violations: any[], day: string,
 *   putAll: (typed: Record<string, any>) => void}} properties day: on which the article must be in force
 */
export function ViolationPick({ value, id, fault, described, violations, day, putAll }) {
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(!value);
  const chosen = violations.find(({ code }) => code === value);
  const choose = (row) => {
    const article = basisOf(row, day);
    putAll({ violation_code: row.code, ...(article ? { legal_basis: article.code, legal_basis_on: article.in_force_from } : {}) });
    setOpen(false);
    setTyped('');
  };
  if (!open && value) {
    return (
      <div class="member">
        <output class="chosen" id={id}>{chosen ? nameOf(chosen) : nameOfCode('finding', 'violation_code', value)}<Article row={chosen} day={day} /></output>
        <button type="button" onClick={() => setOpen(true)}>{say('换一个', 'Change')}</button>
      </div>
    );
  }
  const found = search(violations, typed, (row) => [row.zh, row.en, row.code, ...(row.basis ?? []).map((one) => one.zh)]);
  return (
    <>
      <input id={id} type="search" class="search" autocomplete="off" enterkeyhint="search" placeholder={say('搜索：挂床、串换……', 'Search: bed hanging…')} value={typed} aria-invalid={fault ? true : undefined} aria-describedby={described} onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
      <div class="picks" role="group" aria-label={say('违规类型', 'Violations')}>
        {found.map((row) => (
          <button type="button" key={row.code} aria-pressed={row.code === value} onClick={() => choose(row)}>{nameOf(row)}</button>
        ))}
        {!found.length && <p class="quiet none" role="status">{say('目录里没有。换一个词试试。', 'Not in the catalogue; try another word.')}</p>}
      </div>
    </>
  );
}

function Article({ row, day }) {
  const article = row && basisOf(row, day);
  if (!article) return null;
  return (
    <span class="quiet article">
      {say(article.zh, article.en ?? article.zh)}
      {!article.verified && say('（条文未核实，引用前须核对原文）', ' (not verified: check the text before citing it)')}
    </span>
  );
}

/** The facts, with the catalogue's wording to begin from. @param {any} properties as Form's `instead` gives them */
export function FactsBox({ field, value, onChange, id, fault, described, typed, violations, known }) {
  const row = violations.find(({ code }) => code === typed.violation_code);
  return (
    <>
      <textarea id={id} name={field.name} rows={5} value={value} aria-invalid={fault ? true : undefined} aria-describedby={described} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
      {row?.facts_zh && !value && (
        <button type="button" class="wide" onClick={() => onChange(known(row, typed))}>{say('用目录的写法开头', 'Begin with the catalogue’s wording')}</button>
      )}
    </>
  );
}
