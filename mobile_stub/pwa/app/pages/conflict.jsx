/** A conflict to settle: every value side by side, who wrote it and when; take one, or write a third. */

import { useId, useState } from 'preact/hooks';

import forms from '../../generated/records.json';
import { conflictOf } from '../casework/reading.js';
import { maySettle } from '../casework/rights.js';
import { entered, taken } from '../casework/typed.js';
import { Control } from '../parts/control.jsx';
import { wordsOf } from '../parts/fault.js';
import { Head, Mark, NotHere, Waiting } from '../parts/head.jsx';
import { personOf } from '../parts/person.js';
import { go } from '../router.js';
import { session, useLive } from '../session.js';
import { shownValue } from '../parts/shown_value.js';
import { fieldOf, moment, nameOfField, nameOfType, say } from '../words.js';

const THIRD = 'third';
const LONG_CHARS = 20;

/** @param {{id: string}} properties */
export function Conflict({ id }) {
  const found = useLive((phone) => conflictOf(phone, id), [id]);
  if (found === undefined) return <Waiting title={say('定下一个值', 'Settle a conflict')} />;
  if (found === null) return <NotHere up="/needs" />;
  const { conflict, type, field, institution, roles, inspection, about } = found;
  const settled = conflict.values.state !== 'open';
  const may = maySettle(forms[type], { roles, root: inspection?.values.stage, own: about?.values.stage }) && !settled;
  return (
    <main>
      <Head title={say(`“${nameOfField(type, field)}”不一致`, `“${nameOfField(type, field)}” differs`)} up="/needs">
        <p>{[institution?.values.name, nameOfType(type)].filter(Boolean).join(' · ')}</p>
        {settled && <p><Mark tone="ok">{say('已经定下', 'Settled')}</Mark></p>}
      </Head>
      {settled ? <Settled found={found} /> : <Open found={found} may={may} key={found.sides.length} />}
    </main>
  );
}

const Settled = ({ found: { type, field, about, conflict } }) => (
  <>
    <p>{say('现在的值：', 'The value now: ')}<strong>{shownValue(fieldOf(type, field), about?.values[field])}</strong></p>
    <a class="button first wide" href={`#/${type}/${conflict.values.about}`}>{say('打开', 'Open')}</a>
  </>
);

function Open({ found, may }) {
  const { type, field, sides, standing, inspection, user, conflict } = found;
  const declared = fieldOf(type, field);
  const [chosen, choose] = useState('');
  const [third, setThird] = useState(entered(declared, undefined));
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const settle = async (event) => {
    event.preventDefault();
    if (!chosen) return setFault({ fault: 'required' });
    const got = chosen === THIRD ? taken({ ...declared, required: true }, third) : { value: valueOf(sides.find(({ change }) => change === chosen)) };
    setFault(got.fault ? got : null);
    if (got.fault) return undefined;
    setBusy(true);
    try {
      await session.phone.resolve(conflict.id, got.value);
      navigator.vibrate?.(30);
      go(`/${type}/${conflict.values.about}`, { instead: true });
    } finally {
      setBusy(false);
    }
    return undefined;
  };
  const who = ({ by }) => personOf(by, user, inspection?.values.lead);
  return (
    <form noValidate onSubmit={settle}>
      <p>{say('两边填写时都不知道对方。两个值都已保存，定下之前沿用：', 'Neither side knew of the other. Both values are kept; until it is settled this one stands: ')}<strong>{shownValue(declared, standing)}</strong></p>
      {!may && <p class="note">{say('由检查组长定下。', 'The lead of the inspection settles it.')}</p>}
      {!sides.length && <p class="note">{say('对方的值还没有到本机，请同步一次再定。', 'The other value has not reached this phone; sync once before you settle it.')}</p>}
      <fieldset class="sides">
        <legend class="visually-hidden">{nameOfField(type, field)}</legend>
        {sides.map((side) => (
          <Side key={side.change} name={conflict.id} value={side.change} {...{ chosen, choose, may }}>
            <strong class={String(side.value).length > LONG_CHARS ? 'long' : ''}>{shownValue(declared, side.value)}</strong>
            <span class="quiet">{say(`${who(side)}，${moment(side.at)} 到达台账`, `${who(side)}, in the ledger ${moment(side.at)}`)}</span>
          </Side>
        ))}
        {may && declared.merge !== 'stage' && (
          <Side name={conflict.id} value={THIRD} {...{ chosen, choose, may }}>{say('都不对，另写一个', 'Neither: write another value')}</Side>
        )}
      </fieldset>
      {chosen === THIRD && <Third {...{ type, declared, third, setThird, fault }} />}
      {fault && chosen !== THIRD && <p class="fault" role="alert">{say('请选一个值。', 'Choose a value.')}</p>}
      {may && <button class="first wide" disabled={busy || !sides.length}>{say('定下这个值', 'Settle on this value')}</button>}
    </form>
  );
}

/** Of a step, where it leads: from where is the phone's to say. */
const valueOf = ({ value }) => value?.to ?? value;

function Side({ name, value, chosen, choose, may, children }) {
  if (!may) return <div class="side"><span>{children}</span></div>;
  return (
    <label class="side">
      <input type="radio" name={name} checked={chosen === value} onChange={() => choose(value)} />
      <span>{children}</span>
    </label>
  );
}

function Third({ type, declared, third, setThird, fault }) {
  const id = useId();
  return (
    <div class="field block">
      <label for={id}>{nameOfField(type, declared.name)}{declared.kind === 'fen' && say('（元）', ' (yuan)')}</label>
      <Control field={{ ...declared, required: true }} value={third} onChange={setThird} id={id} invalid={Boolean(fault)} described={fault ? `${id}-fault` : undefined} />
      {fault && <p class="fault" id={`${id}-fault`}>{wordsOf(fault, declared.kind)}</p>}
    </div>
  );
}
