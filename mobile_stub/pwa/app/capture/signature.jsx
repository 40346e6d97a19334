/**
 * A signature on glass, by finger, pen or mouse; undone stroke by stroke. Who cannot or will not sign is recorded as
 * such, with a reason and a witness: that way needs a keyboard alone.
 */

import { useEffect, useRef, useState } from 'preact/hooks';

import { say } from '../words.js';
import { begun, draw, drawn, undone, written } from './strokes.js';

const WIDE = 900;
const HIGH = 360;

/**
 * @param {object} properties
 * @param {string} properties.who whose signature it is, as the heading says
 * @param {(strokes: import('./strokes.js').Stroke[], png: Uint8Array) => void} properties.onSigned
 * @param {(refusal: {outcome: 'refused' | 'unable', reason: string, witness: string}) => void} [properties.onRefused]
 *   left out where nobody may refuse
 */
export function Signature({ who, onSigned, onRefused }) {
  const [strokes, setStrokes] = useState([]);
  const [refusing, setRefusing] = useState(false);
  const canvas = useRef(null);
  useEffect(() => {
    if (refusing) return;
    const pen = canvas.current.getContext('2d');
    pen.fillStyle = '#ffffff';
    pen.fillRect(0, 0, WIDE, HIGH);
    draw(pen, strokes, { width: WIDE });
  }, [strokes, refusing]);
  if (refusing) return <Refusal who={who} onRefused={onRefused} onBack={() => setRefusing(false)} />;
  const done = async () => onSigned(strokes, await pngOf(canvas.current));
  return (
    <section class="signature">
      <h2>{who}</h2>
      <Pad canvas={canvas} who={who} setStrokes={setStrokes} />
      <div class="pair">
        <button type="button" disabled={!strokes.length} onClick={() => setStrokes(undone)}>{say('撤销一笔', 'Undo stroke')}</button>
        <button type="button" disabled={!strokes.length} onClick={() => setStrokes([])}>{say('重写', 'Clear')}</button>
      </div>
      <button type="button" class="first wide" disabled={!written(strokes)} onClick={done}>{say('签好了', 'Signed')}</button>
      {onRefused && (
        <button type="button" class="wide" onClick={() => setRefusing(true)}>
          {say('不能或不愿签名', 'Cannot or will not sign')}
        </button>
      )}
    </section>
  );
}

function Pad({ canvas, who, setStrokes }) {
  const at = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.width];
  };
  const down = (event) => {
    if (event.button > 0) return;
    canvas.current.setPointerCapture?.(event.pointerId);
    setStrokes((strokes) => begun(strokes, at(event)));
  };
  const move = (event) => {
    if (!event.buttons) return;
    // A quick hand makes several points between two frames.
    const points = event.getCoalescedEvents?.() ?? [];
    const all = (points.length ? points : [event]).map(at);
    setStrokes((strokes) => all.reduce(drawn, strokes));
  };
  return (
    <canvas
      ref={canvas}
      class="pad"
      width={WIDE}
      height={HIGH}
      role="img"
      aria-label={say(`${who}的签名区`, `Where ${who} signs`)}
      onPointerDown={down}
      onPointerMove={move}
    />
  );
}

function Refusal({ who, onRefused, onBack }) {
  const [outcome, setOutcome] = useState('refused');
  const [reason, setReason] = useState('');
  const [witness, setWitness] = useState('');
  const [asked, setAsked] = useState(false);
  const send = (event) => {
    event.preventDefault();
    setAsked(true);
    if (reason.trim() && witness.trim()) onRefused({ outcome, reason: reason.trim(), witness: witness.trim() });
  };
  return (
    <form class="signature" onSubmit={send} noValidate>
      <h2>{say(`${who}：未签名`, `${who}: not signed`)}</h2>
      <label for="outcome">{say('情况', 'What happened')}</label>
      <select id="outcome" value={outcome} onChange={(event) => setOutcome(event.target.value)}>
        <option value="refused">{say('拒绝签名', 'Refused to sign')}</option>
        <option value="unable">{say('无法签名', 'Unable to sign')}</option>
      </select>
      <Asked name="reason" label={say('理由', 'Reason')} value={reason} set={setReason} missing={asked && !reason.trim()} />
      <Asked name="witness" label={say('见证人姓名', "Witness's name")} value={witness} set={setWitness} missing={asked && !witness.trim()} />
      <button type="submit" class="first wide">{say('记录未签名', 'Record that it is not signed')}</button>
      <button type="button" class="wide" onClick={onBack}>{say('回到签名', 'Back to signing')}</button>
    </form>
  );
}

function Asked({ name, label, value, set, missing }) {
  return (
    <>
      <label for={name}>{label}</label>
      <input
        id={name}
        value={value}
        maxLength={name === 'witness' ? 60 : 500}
        aria-invalid={missing}
        aria-describedby={missing ? `${name}-missing` : undefined}
        onInput={(event) => set(event.target.value)}
      />
      {missing && <p class="trouble" id={`${name}-missing`}>{say(`请填写${label}`, `${label} is needed`)}</p>}
    </>
  );
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Uint8Array>} its picture as PNG */
export async function pngOf(canvas) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  return new Uint8Array(await blob.arrayBuffer());
}
