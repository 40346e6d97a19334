/** Enrolling: the code, the ledger to compare, a PIN of one's own. */

import { useRef, useState } from 'preact/hooks';

import { lazy } from '../parts/lazy.jsx';
import { enrol, lookAt } from '../opening.js';
import { beginPractice } from '../practice.js';
import { session } from '../session.js';
import { faultOf } from '../vault/vault.js';
import { say } from '../words.js';
import { PinField, pinFaultWords } from './pin.jsx';
import { painted } from './unlock.jsx';
import { wordsOf } from './words.js';

const SCHEME = 'wardledger:';

/** @param {{title?: string, onDone?: () => void}} properties title: of an enrolled phone that gets a new code */
export function Enrol({ title = say('登记这部手机', 'Enrol this phone'), onDone = () => {} }) {
  const [step, setStep] = useState('code');
  const [found, setFound] = useState(null);
  const [fault, setFault] = useState('');
  const look = async (text) => {
    setFault('');
    try {
      setFound(await lookAt(text));
      setStep('compare');
    } catch (error) {
      setFault(wordsOf(error));
    }
  };
  const make = async (pin) => {
    setStep('making');
    try {
      await painted();
      await enrol(found.text, pin);
      onDone();
    } catch (error) {
      setFault(wordsOf(error));
      setStep('code');
    }
  };
  // Cut off before, or enrolled already, the vault is open already and has its PIN.
  const agree = () => (session.journal ? make() : setStep('pin'));
  return (
    <main class="entry">
      <h1>{title}</h1>
      {step === 'code' && <Code look={look} fault={fault} />}
      {step === 'code' && session.state === 'new' && (
        <p><button class="wide" onClick={beginPractice}>{say('先练习一下', 'Practise first')}</button></p>
      )}
      {step === 'compare' && <Compare found={found} onAgree={agree} onRefuse={() => setStep('code')} />}
      {step === 'pin' && <ChoosePin onChosen={make} />}
      {step === 'making' && <p role="status" aria-busy="true">{say('正在生成密钥并登记……', 'Making the keys and enrolling…')}</p>}
    </main>
  );
}

const Camera = lazy(() => import('../capture/camera.jsx'), 'Camera');

/** Hands the first code that is an invite to `look`; the camera reads the same one again and again. */
function Scanner({ look, onClose }) {
  const done = useRef(false);
  const [other, setOther] = useState(false);
  const heard = (text) => {
    if (done.current) return;
    if (!text.startsWith(SCHEME)) return setOther(true);
    done.current = true;
    navigator.vibrate?.(30);
    onClose();
    look(text);
  };
  const hint = other
    ? say('这不是登记码。', 'This is not an enrolment code.')
    : say('对准管理员屏幕上的二维码。', 'Point at the code on your administrator’s screen.');
  return <Camera title={say('扫描登记码', 'Scan the code')} hint={hint} onCode={heard} onClose={onClose} />;
}

function Code({ look, fault }) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [scanning, setScanning] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    await look(text);
    setBusy(false);
  };
  return (
    <form onSubmit={submit}>
      {scanning && <Scanner look={look} onClose={() => setScanning(false)} />}
      <p>{say('请管理员在“设备”页为您出示登记码。', 'Ask your administrator to show you an enrolment code on the page “Devices”.')}</p>
      <div class="thumb">
        <button type="button" class="first" onClick={() => setScanning(true)}>{say('扫描登记码', 'Scan the code')}</button>
      </div>
      <label for="code">{say('登记码文字', 'Text of the code')}</label>
      <p class="quiet" id="code-hint">{say('不能扫描时，把登记码下方的文字粘贴到这里。', 'If it cannot be scanned, paste the text that stands below the code.')}</p>
      <textarea
        id="code"
        rows={5}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={text}
        aria-invalid={Boolean(fault)}
        aria-describedby={fault ? 'code-fault' : 'code-hint'}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {fault && <p class="trouble" id="code-fault" role="alert">{fault}</p>}
      <div class="thumb">
        <button disabled={busy || !text.trim()}>{say('继续', 'Go on')}</button>
      </div>
    </form>
  );
}

function Compare({ found, onAgree, onRefuse }) {
  return (
    <>
      <p>{say('请与管理员屏幕上的内容核对：', 'Compare with your administrator’s screen:')}</p>
      <dl class="facts">
        <dt>{say('台账', 'Ledger')}</dt>
        <dd>{found.origin}</dd>
        <dt>{say('地址', 'Address')}</dt>
        <dd>{found.url}</dd>
        <dt>{say('台账公钥指纹', 'Fingerprint of the ledger’s key')}</dt>
        <dd class="fingerprint">{found.fingerprint}</dd>
      </dl>
      <div class="thumb">
        <button class="first" onClick={onAgree}>{say('一致，继续', 'It is the same, go on')}</button>
        <button onClick={onRefuse}>{say('不一致', 'It differs')}</button>
      </div>
    </>
  );
}

function ChoosePin({ onChosen }) {
  const [pin, setPin] = useState('');
  const [again, setAgain] = useState('');
  const [faults, setFaults] = useState({});
  const submit = (event) => {
    event.preventDefault();
    const fault = faultOf(pin);
    const found = {
      pin: fault ? pinFaultWords(fault) : '',
      again: fault || pin === again ? '' : say('两次输入的口令不一样。', 'The two PINs differ.'),
    };
    setFaults(found);
    if (!found.pin && !found.again) onChosen(pin);
  };
  return (
    <form onSubmit={submit}>
      <p>{say(
        '口令只在这部手机上，用来加密这里的一切。忘记后谁也打不开，没有上传的内容就找不回来。',
        'The PIN stays on this phone and encrypts all that is on it. If it is forgotten nobody can open it, and what was not sent is lost.',
      )}</p>
      <PinField id="pin" label={say('口令（6 位以上数字）', 'PIN (6 digits or more)')} value={pin} onInput={setPin} fault={faults.pin} first fresh />
      <PinField id="again" label={say('再输入一次', 'Once more')} value={again} onInput={setAgain} fault={faults.again} fresh />
      <div class="thumb">
        <button class="first">{say('登记', 'Enrol')}</button>
      </div>
    </form>
  );
}
