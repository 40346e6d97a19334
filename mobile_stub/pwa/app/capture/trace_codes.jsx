/** Drug trace codes: read by the camera or typed, each judged at once; the photo of the packs is the evidence. */

import { useRef, useState } from 'preact/hooks';

import { say } from '../words.js';
import { Camera } from './camera.jsx';
import { TRACE_DIGITS, traceCode } from './codes.js';

const CODES_MAX = 1000;
const FAULTS = {
  empty: () => say('请输入追溯码。', 'Enter a trace code.'),
  bar_code: () => say('这是商品条码（13 位）。追溯码在旁边的标签上，20 位。', "This is the product's bar code (13 digits). The trace code is on the label beside it, 20 digits."),
  not_digits: () => say('追溯码只有数字。', 'A trace code has digits only.'),
  length: ({ found }) => say(`追溯码是 ${TRACE_DIGITS} 位数字，这里有 ${found} 位。`, `A trace code has ${TRACE_DIGITS} digits; here are ${found}.`),
};

/** @param {{onKeep: (captured: any, about: Record<string, any>) => Promise<string>, onClose: () => void}} properties */
export function TraceCodes({ onKeep, onClose }) {
  const [codes, setCodes] = useState([]);
  const [trouble, setTrouble] = useState('');
  const seen = useRef('');
  const take = (text, typed) => {
    const read = traceCode(text);
    if (read.fault) {
      // A camera sees the same wrong label four times a second: it is told once.
      if (typed || seen.current !== text) setTrouble(FAULTS[read.fault](read));
      seen.current = text;
      return false;
    }
    setTrouble('');
    setCodes((known) => {
      if (known.includes(read.code) || known.length >= CODES_MAX) return known;
      navigator.vibrate?.(30);
      return [...known, read.code];
    });
    return true;
  };
  const keep = async (photo) => {
    if (!codes.length) throw Object.assign(new Error('no code yet'), { words: say('还没有追溯码：对准标签，或手工输入。', 'No trace code yet: point at the label, or type it.') });
    await onKeep(photo, { form: 'trace_code_scan', trace_codes: codes });
    onClose();
  };
  const hint = (
    <>
      <span>{say(`已扫 ${codes.length} 个码，对准下一个标签；扫完拍下药盒。`, `${codes.length} codes; point at the next label, then photograph the packs.`)}</span>
      <List codes={codes} onDrop={(code) => setCodes(codes.filter((one) => one !== code))} />
      <Typed onTyped={(text) => take(text, true)} />
      {trouble && <span class="camera-trouble" role="alert">{trouble}</span>}
    </>
  );
  return <Camera title={say('扫追溯码', 'Trace codes')} hint={hint} shutter={say('拍照保存', 'Keep')} onCode={(text) => take(text, false)} onPhoto={keep} onClose={onClose} />;
}

function List({ codes, onDrop }) {
  return (
    <ul class="codes" aria-label={say('已扫的码', 'Codes read')}>
      {codes.slice(-3).map((code) => (
        <li key={code}><code>{code}</code><button type="button" onClick={() => onDrop(code)}>{say('去掉', 'Drop')}</button></li>
      ))}
    </ul>
  );
}

function Typed({ onTyped }) {
  const [text, setText] = useState('');
  const add = (event) => {
    event.preventDefault();
    if (onTyped(text)) setText('');
  };
  return (
    <form class="typed" onSubmit={add}>
      <input aria-label={say('手工输入追溯码', 'Type a trace code')} placeholder={say('手工输入 20 位', 'Type 20 digits')} inputmode="numeric" autocomplete="off" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      <button>{say('加入', 'Add')}</button>
    </form>
  );
}
