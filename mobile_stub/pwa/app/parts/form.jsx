/**
 * A form made from a record type's declaration: labels, controls, limits and needs are those that the server judges by.
 *
 *     <Form type="finding" fields={['facts', 'amount_fen']} onKeep={({values, rows}) => phone.create('finding', values, {rows})} />
 *     <Form type="finding" fields={['facts']} record={shown} onKeep={(said) => keepEdit(phone, shown, said)} />
 *
 * What was typed is checked when it is kept, each fault stands at its field, and the first one gets the focus. With
 * `draft`, what was typed and not kept yet is sealed in the journal under that name and is there again when the page
 * is opened anew. `instead` puts another control in a field's place: {field: ({field, value, onChange, id, typed, putAll}) => …}.
 */

import { useId, useRef, useState } from 'preact/hooks';

import forms from '../../generated/records.json';
import { difference, entered, read } from '../casework/typed.js';
import { nameOfField, say } from '../words.js';
import { Control, Flag, Several } from './control.jsx';
import { draftRow, useDraft } from './draft.js';
import { wordsOf } from './fault.js';
import { Icon } from './icon.jsx';

/**
 * @typedef {object} Said
 * @property {Record<string, any>} values what is new, for `create` or an edit
 * @property {Record<string, any[]>} remove what is to be taken out of sets
 * @property {[string, number] | null} base what the record stood on when the form was opened
 * @property {[string, any][]} rows end the draft, for whoever keeps them in the same step
 */

/**
 * @param {{type: string, fields: string[], record?: any, first?: Record<string, any>, draft?: string, keepWords?: string,
 *   instead?: Record<string, (properties: any) => any>, needs?: boolean, children?: any,
 *   onKeep: (said: Said) => Promise<any> | any}} properties
 *   record: as the phone shows it, none for a new one; first: what stands in the controls of a new one at first
 */
export function Form({ type, fields, record, first = {}, draft, keepWords, instead = {}, needs = true, children, onKeep }) {
  const declared = fields.map((name) => forms[type].fields.find((field) => field.name === name)).filter(Boolean);
  const { typed, opened, change, forget, restored } = useDraft(draft, () => begin(declared, record, first));
  const [faults, setFaults] = useState({});
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const whole = useRef(null);
  const base = useId();

  const putAll = (said) => {
    change({ ...typed, ...said });
    setFaults({ ...faults, ...Object.fromEntries(Object.keys(said).map((name) => [name, undefined])) });
  };
  const keep = async (event) => {
    event.preventDefault();
    if (busy) return;
    const got = read(declared, typed, { needs: needs ? forms[type].needs : [], before: opened.values });
    setFaults(got.faults);
    setTrouble('');
    if (Object.keys(got.faults).length) return void focusFault(whole.current);
    setBusy(true);
    try {
      const { values, remove } = difference(declared, opened.values, got.values);
      // With the record, in one step: what was kept must not come back as something still to be kept.
      await onKeep({ values, remove, base: opened.base, rows: draft ? [draftRow(draft)] : [] });
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
        <Field key={field.name} id={`${base}-${field.name}`} {...{ type, field, typed, putAll, instead: instead[field.name], fault: faults[field.name] }} />
      ))}
      {children}
      {trouble && <p class="trouble" role="alert">{say('没有保存：', 'Not kept: ')}{trouble}</p>}
      <button class="first wide" disabled={busy}>{keepWords ?? say('保存到本机', 'Keep on this phone')}</button>
    </form>
  );
}

function begin(declared, record, first) {
  const { values = {}, base = null } = record ?? {};
  const stands = (field) => values[field.name] ?? (record ? undefined : (first[field.name] ?? field.default ?? undefined));
  return { typed: Object.fromEntries(declared.map((field) => [field.name, entered(field, stands(field))])), opened: { values, base } };
}

function focusFault(form) {
  // After the faults are drawn; the first one is what the user sees next.
  requestAnimationFrame(() => form?.querySelector('[aria-invalid]')?.focus());
}

function Field({ type, field, typed, putAll, fault, id, instead }) {
  const described = fault ? `${id}-fault` : undefined;
  const onChange = (value) => putAll({ [field.name]: value });
  const shared = { field, value: typed[field.name], onChange, id, fault, described };
  return (
    <div class="field">
      {field.kind !== 'flag' && <Label {...{ type, field, id }} />}
      {instead ? instead({ ...shared, typed, putAll }) : <Plain {...shared} />}
      {fault && <p class="fault" id={described}><Icon name="alarm" />{wordsOf(fault, field.kind)}</p>}
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
