/** The words of a record: where, who, and what was seen or asked. */

import { say } from '../words.js';
import { FORMS, RIGHTS, TEXT_MAX } from './written.js';

const FAULTS = () => ({
  text: say('请写下所见所闻，或至少一问一答。', 'Write what was seen, or at least one question with its answer.'),
  rights_told: say('询问前要先告知权利义务。', 'A person is told his rights before he is asked.'),
});

/** @param {{form: string, draft: import('./written.js').Draft, faults: string[], onChange: (next: any) => void}} properties */
export function Words({ form, draft, faults, onChange }) {
  const put = (part) => onChange({ ...draft, ...part });
  const officer = (n, part) => put({ officers: draft.officers.map((one, at) => (at === n ? { ...one, ...part } : one)) });
  const person = FORMS[form].told ? say('被询问人', 'Person asked') : say('被检查单位在场人', 'Present for the institution');
  return (
    <div class="form">
      <Line name="place" label={say('地点', 'Place')} value={draft.place} most={200} faults={faults} onChange={(place) => put({ place })} />
      {draft.officers.map((one, n) => (
        <div class="twice" key={n}>
          <Line name={`officer-${n}`} label={say(`检查人员 ${n + 1}`, `Officer ${n + 1}`)} value={one.name} most={60} faults={faults} onChange={(name) => officer(n, { name })} />
          <Line name={`card-${n}`} label={say('执法证号', 'Card no.')} value={one.card} most={40} faults={faults} onChange={(card) => officer(n, { card })} />
        </div>
      ))}
      <div class="twice">
        <Line name="person" label={person} value={draft.person.name} most={60} faults={faults} onChange={(name) => put({ person: { ...draft.person, name } })} />
        <Line name="post" label={say('职务', 'Post')} value={draft.person.post} most={60} faults={faults} onChange={(post) => put({ person: { ...draft.person, post } })} />
      </div>
      {FORMS[form].told ? <Asking draft={draft} faults={faults} put={put} /> : (
        <Long name="text" label={say('检查情况', 'What was seen')} value={draft.text} faults={faults} onChange={(text) => put({ text })} />
      )}
    </div>
  );
}

function Asking({ draft, faults, put }) {
  const pair = (n, part) => put({ pairs: draft.pairs.map((one, at) => (at === n ? { ...one, ...part } : one)) });
  return (
    <>
      <div>
        <p class="read-out">{RIGHTS}</p>
        <label class="tick" for="rights_told">
          <input id="rights_told" type="checkbox" checked={draft.rights_told} aria-invalid={faults.includes('rights_told')} onChange={({ currentTarget }) => put({ rights_told: currentTarget.checked })} />
          <span>{say('已向被询问人宣读并出示证件', 'Read out to the person, cards shown')}</span>
        </label>
        <Fault name="rights_told" faults={faults} />
      </div>
      {draft.pairs.map((one, n) => (
        <div class="pair-asked" key={n}>
          <Line name={n ? `asked-${n}` : 'text'} label={say(`第 ${n + 1} 问`, `Question ${n + 1}`)} value={one.asked} most={500} faults={faults} onChange={(asked) => pair(n, { asked })} />
          <Long name={`answered-${n}`} label={say('答', 'Answer')} value={one.answered} faults={faults} onChange={(answered) => pair(n, { answered })} />
        </div>
      ))}
      <button type="button" class="wide" disabled={draft.pairs.length >= 100} onClick={() => put({ pairs: [...draft.pairs, { asked: '', answered: '' }] })}>{say('＋ 再问一句', '+ Another question')}</button>
    </>
  );
}

function Line({ name, label, value, most, faults, onChange }) {
  const wrong = faults.includes(name) && !value.trim();
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input id={name} value={value} maxLength={most} autocomplete="off" aria-invalid={wrong} aria-describedby={wrong ? `${name}-fault` : undefined} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
      {wrong && <Fault name={name} faults={faults} />}
    </div>
  );
}

function Long({ name, label, value, faults, onChange }) {
  const wrong = faults.includes(name) && !value.trim();
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <textarea id={name} rows={name === 'text' ? 10 : 4} value={value} maxLength={TEXT_MAX} aria-invalid={wrong} aria-describedby={wrong ? `${name}-fault` : undefined} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
      {wrong && <Fault name={name} faults={faults} />}
    </div>
  );
}

function Fault({ name, faults }) {
  if (!faults.includes(name)) return null;
  return <p class="fault" id={`${name}-fault`}>{FAULTS()[name] ?? say('请填写这一项。', 'Fill this in.')}</p>;
}
