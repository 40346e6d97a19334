/**
 * A form made from a record type's declaration: labels, controls, limits and needs are those that the server judges by.
 *
 *     <Form type="finding" fields={['facts', 'amount_fen']} values={shown.values} onKeep={(values, remove) => …} />
 *
 * What was typed is checked when it is kept, each fault stands at its field, and the first one gets the focus. With
 * `draft`, what was typed and not kept yet is sealed in the journal under that name and is there again when the page
 * is opened anew. `instead` puts another control in a field's place: {field: ({field, value, onChange, id}) => …}.
 */

import { useId, useRef, useState } from 'preact/hooks';

import forms from '../../generated/records.json';
import { difference, entered, read } from '../casework/typed.js';
import { nameOfField, say } from '../words.js';
import { Control, Flag, Several } from './control.jsx';
import { useDraft } from './draft.js';
import { wordsOf } from './fault.js';
import { Icon } from './icon.jsx';

/**
 * @param {{type: string, fields: string[], values?: Record<string, any>, draft?: string, keepWords?: string,
 *   instead?: Record<string, any>, needs?: boolean, busy?: boolean, children?: any,
 *   onKeep: (values: Record<string, any>, remove: Record<string, any[]>) => Promise<any> | any}} properties
 *   values: what the record holds; onKeep: is given what is new, and what is to be taken out of sets
 */
export function Form({ type, fields, values = {}, draft, keepWords, instead = {}, needs = true, children, onKeep }) {
  const declared = fields.map((name) => forms[type].fields.find((field) => field.name === name)).filter(Boolean);
  const before = () => Object.fromEntries(declared.map((field) => [field.name, entered(field, values[field.name] ?? field.default ?? undefined)]));
  const [typed, setTyped, forget, restored] = useDraft(draft, before);
  const [faults, setFaults] = useState({});
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const whole = useRef(null);
  const base = useId();

  const put = (name, value) => {
    setTyped({ ...typed, [name]: value });
    if (faults[name]) setFaults({ ...faults, [name]: undefined });
  };
  const keep = async (event) => {
    event.preventDefault();
    if (busy) return;
    const got = read(declared, typed, { needs: needs ? forms[type].needs : [], before: values });
    setFaults(got.faults);
    setTrouble('');
    if (Object.keys(got.faults).length) return void focusFault(whole.current);
    setBusy(true);
    try {
      const said = difference(declared, values, got.values);
      await onKeep(said.values, said.remove);
      await forget();
    } catch (error) {
      setTrouble(error.detail ?? error.message);
    }
    setBusy(false);
  };
  return (
    <form class="form" noValidate onSubmit={keep} ref={whole} aria-busy={busy}>
      {restored && <p class="note">{say('这是上次没有保存完的内容。', 'This is what you had typed and not kept yet.')}</p>}
      {declared.map((field) => (
        <Field key={field.name} id={`${base}-${field.name}`} {...{ type, field, instead: instead[field.name] }} value={typed[field.name]} fault={faults[field.name]} onChange={(value) => put(field.name, value)} />
      ))}
      {children}
      {trouble && <p class="trouble" role="alert">{say('没有保存：', 'Not kept: ')}{trouble}</p>}
      <button class="first wide" disabled={busy}>{keepWords ?? say('保存到本机', 'Keep on this phone')}</button>
    </form>
  );
}

function focusFault(form) {
  // After the faults are drawn; the first one is what the user sees next.
  requestAnimationFrame(() => form?.querySelector('[aria-invalid]')?.focus());
}

function Field({ type, field, value, fault, onChange, id, instead: Instead }) {
  const told = fault ? `${id}-fault` : undefined;
  const shared = { field, value, onChange, id };
  return (
    <div class="field">
      {field.kind !== 'flag' && <Label {...{ type, field, id }} />}
      {Instead ? <Instead {...shared} fault={fault} described={told} /> : <Plain {...shared} fault={fault} described={told} />}
      {fault && <p class="fault" id={told}><Icon name="alarm" />{wordsOf(fault, field.kind)}</p>}
    </div>
  );
}

function Label({ type, field, id }) {
  const unit = field.kind === 'fen' ? say('（元）', ' (yuan)') : '';
  return (
    <label for={id}>
      {nameOfField(type, field.name)}{unit}
      {field.required && <span class="asked"> {say('必填', 'required')}</span>}
      {field.private === 'person' && <span class="sealed"><Icon name="lock" />{say('单独加密', 'sealed apart')}</span>}
    </label>
  );
}

function Plain({ field, value, onChange, id, fault, described }) {
  if (field.kind === 'flag') return <Flag {...{ field, value, onChange, id }} />;
  if (field.kind === 'group' && !field.many) return <Group {...{ field, value, onChange, id, fault }} />;
  if (field.kind === 'group') return <Groups {...{ field, value, onChange, id, fault }} />;
  if (field.kind === 'position') return <p class="quiet" id={id}>{say('位置由手机读取。', 'The phone reads the place.')}</p>;
  if (field.many) return <Several {...{ field, value, onChange, id, fault, described }} />;
  return <Control {...{ field, value, onChange, id, described }} invalid={Boolean(fault)} />;
}

function Group({ field, value, onChange, id, fault }) {
  return (
    <fieldset class="group" id={id} tabIndex={-1} aria-invalid={Boolean(fault) || undefined}>
      <legend>{say(field.zh, field.en)}</legend>
      {field.parts.map((part) => (
        <div class="field" key={part.name}>
          {part.kind !== 'flag' && <label for={`${id}-${part.name}`}>{say(part.zh, part.en)}{part.required && <span class="asked"> {say('必填', 'required')}</span>}</label>}
          <Plain field={part} value={value[part.name]} id={`${id}-${part.name}`} fault={fault?.at === part.name ? fault : undefined} onChange={(typed) => onChange({ ...value, [part.name]: typed })} />
        </div>
      ))}
    </fieldset>
  );
}

function Groups({ field, value, onChange, id, fault }) {
  const single = { ...field, many: false };
  return (
    <div class="several" id={id} tabIndex={-1}>
      {value.map((one, n) => (
        <div key={n}>
          <Group field={single} value={one} id={`${id}-${n}`} fault={fault?.at === String(n) ? fault : undefined} onChange={(typed) => onChange(value.map((other, at) => (at === n ? typed : other)))} />
          <button type="button" onClick={() => onChange(value.filter((_, at) => at !== n))}>{say(`去掉第 ${n + 1} 项`, `Take out no. ${n + 1}`)}</button>
        </div>
      ))}
      <button type="button" onClick={() => onChange([...value, entered(single, undefined)])}>{say(`＋ 添加${field.zh}`, `+ Add: ${field.en}`)}</button>
    </div>
  );
}
