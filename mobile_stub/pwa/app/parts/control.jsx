/** One control for each kind of field: what the thumb meets. The label and the fault around it are form.jsx's. */

import { say } from '../words.js';
import { Icon } from './icon.jsx';

const MODES = { fen: 'decimal', integer: 'numeric' };
const TYPES = { day: 'date', instant: 'datetime-local' };
const LONG_CHARS = 200;

/**
 * @param {{field: any, value: any, onChange: (typed: any) => void, id: string, invalid?: boolean, described?: string,
 *   named?: string}} properties named: the words for a reader who hears the control, where no label stands beside it
 */
export function Control({ field, value, onChange, id, invalid, described, named }) {
  const common = { id, name: field.name, 'aria-invalid': invalid || undefined, 'aria-describedby': described, 'aria-label': named };
  if (field.kind === 'choice') return <Choice {...{ field, value, onChange, common }} />;
  if (field.kind === 'text' && field.limits.chars_max > LONG_CHARS) {
    return <textarea {...common} rows={4} value={value} onInput={({ currentTarget }) => onChange(currentTarget.value)} />;
  }
  const typing = field.kind === 'code' ? { autocapitalize: 'off', autocorrect: 'off', spellcheck: false } : {};
  return (
    <input
      {...common}
      {...typing}
      type={TYPES[field.kind] ?? 'text'}
      inputmode={MODES[field.kind]}
      autocomplete="off"
      value={value}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function Choice({ field, value, onChange, common }) {
  return (
    <select {...common} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      {(!field.required || !value) && <option value="">{say('请选择', 'Choose')}</option>}
      {field.choices.map((one) => (
        <option key={one.value} value={one.value}>
          {say(one.zh, one.en)}
        </option>
      ))}
    </select>
  );
}

/** A yes or no, as one large target. @param {{field: any, value: boolean, onChange: (typed: boolean) => void, id: string}} properties */
export function Flag({ field, value, onChange, id }) {
  return (
    <label class="tick" for={id}>
      <input id={id} type="checkbox" name={field.name} checked={value} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
      <span>{say(field.zh, field.en)}</span>
    </label>
  );
}

/**
 * Several values of one kind: each in a row of its own, with a button that takes it out and one that adds another.
 * @param {{field: any, value: any[], onChange: (typed: any[]) => void, id: string, fault?: any, described?: string}} properties
 */
export function Several({ field, value, onChange, id, fault, described }) {
  const single = { ...field, many: false };
  const name = say(field.zh, field.en);
  const put = (n, typed) => onChange(value.map((one, at) => (at === n ? typed : one)));
  return (
    <div class="several">
      {value.map((one, n) => (
        <div class="member" key={n}>
          <Control
            field={single}
            value={one}
            id={n ? `${id}-${n}` : id}
            named={`${name} ${n + 1}`}
            invalid={fault?.at === String(n)}
            described={described}
            onChange={(typed) => put(n, typed)}
          />
          <button type="button" class="square" aria-label={say(`去掉第 ${n + 1} 项`, `Take out no. ${n + 1}`)} onClick={() => onChange(value.filter((_, at) => at !== n))}>
            <Icon name="cross" />
          </button>
        </div>
      ))}
      <button type="button" id={value.length ? undefined : id} onClick={() => onChange([...value, ''])}>
        {say(`＋ 添加${field.zh}`, `+ Add: ${field.en}`)}
      </button>
    </div>
  );
}
