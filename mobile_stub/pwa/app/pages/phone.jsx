/** This phone: what it is enrolled with, how it locks, what it speaks, how much room it has. */

import { useState } from 'preact/hooks';

import { PinField, pinFaultWords } from '../entry/pin.jsx';
import { faultWords, painted } from '../entry/unlock.jsx';
import { MINUTES, idleMinutes, setIdleMinutes } from '../idle.js';
import { lock, vault } from '../opening.js';
import { beginPractice } from '../practice.js';
import { change, session, useLive, useSession } from '../session.js';
import { askToPersist, roomOf } from '../storage.js';
import { faultOf } from '../vault/vault.js';
import { fingerprintOf, say, size, speak, spoken } from '../words.js';
import { Passkey } from './phone_passkey.jsx';

export function Phone() {
  useSession();
  if (!session.status) return <main aria-busy="true" />;
  return (
    <main class="settings">
      <h1>{say('这部手机', 'This phone')}</h1>
      <Locking />
      <Language />
      <Room />
      {!session.practice && <ChangePin />}
      {!session.practice && <Passkey />}
      {!session.practice && <Practice />}
      {!session.practice && <Identity />}
    </main>
  );
}

function Locking() {
  return (
    <section>
      <h2>{say('锁定', 'Lock')}</h2>
      <label for="idle">{say('多久不用就锁定', 'Lock after no use for')}</label>
      <select id="idle" value={idleMinutes()} onChange={(event) => setIdleMinutes(Number(event.currentTarget.value))}>
        {MINUTES.map((one) => <option key={one} value={one}>{say(`${one} 分钟`, `${one} minutes`)}</option>)}
      </select>
      <button class="wide" onClick={lock}>{say('立即锁定', 'Lock now')}</button>
    </section>
  );
}

function Language() {
  const choose = (to) => {
    speak(to);
    change();
  };
  return (
    <section>
      <h2 id="language">{say('语言', 'Language')}</h2>
      <div class="choice" role="group" aria-labelledby="language">
        <button lang="zh-CN" aria-pressed={spoken() === 'zh'} onClick={() => choose('zh')}>中文</button>
        <button lang="en" aria-pressed={spoken() === 'en'} onClick={() => choose('en')}>English</button>
      </div>
    </section>
  );
}

function Room() {
  const room = useLive(roomOf);
  if (!room) return null;
  return (
    <section>
      <h2>{say('存储', 'Storage')}</h2>
      <p>{say(`本应用已用 ${size(room.used)}，还可用约 ${size(room.left)}。`, `This app uses ${size(room.used)}; about ${size(room.left)} are left.`)}</p>
      {room.persisted
        ? <p>{say('浏览器不会自行清除这里的数据。', 'The browser will not clear this data by itself.')}</p>
        : (
          <>
            <p class="state-waiting">{say('存储紧张时浏览器可能清除这里的数据。把应用装到主屏幕，可以避免。', 'When storage runs short the browser may clear this data. Installing the app on the home screen prevents it.')}</p>
            <button class="wide" onClick={askToPersist}>{say('请浏览器保留数据', 'Ask the browser to keep it')}</button>
          </>
        )}
    </section>
  );
}

function ChangePin() {
  const [open, setOpen] = useState(false);
  const [told, setTold] = useState('');
  if (!open) {
    return (
      <section>
        <h2>{say('口令', 'PIN')}</h2>
        {told && <p role="status">{told}</p>}
        <button class="wide" onClick={() => setOpen(true)}>{say('更换口令', 'Change the PIN')}</button>
      </section>
    );
  }
  const done = () => {
    setOpen(false);
    setTold(say('口令已更换，下次解锁起用新口令。', 'The PIN was changed; the next unlock asks for the new one.'));
  };
  return <NewPin onDone={done} />;
}

function NewPin({ onDone }) {
  const [pins, setPins] = useState({ old: '', next: '', again: '' });
  const [faults, setFaults] = useState({});
  const put = (name) => (pin) => setPins((before) => ({ ...before, [name]: pin }));
  const submit = async (event) => {
    event.preventDefault();
    const fault = faultOf(pins.next);
    const found = {
      next: fault ? pinFaultWords(fault) : '',
      again: fault || pins.next === pins.again ? '' : say('两次输入的口令不一样。', 'The two PINs differ.'),
    };
    setFaults(found);
    if (found.next || found.again) return;
    try {
      await painted();
      await vault.changePin(pins.old, pins.next);
      onDone();
    } catch (error) {
      setFaults({ old: faultWords(error) });
    }
  };
  return (
    <form onSubmit={submit}>
      <h2>{say('更换口令', 'Change the PIN')}</h2>
      <PinField id="old" label={say('现在的口令', 'Present PIN')} value={pins.old} onInput={put('old')} fault={faults.old} first />
      <PinField id="next" label={say('新口令（6 位以上数字）', 'New PIN (6 digits or more)')} value={pins.next} onInput={put('next')} fault={faults.next} fresh />
      <PinField id="again" label={say('再输入一次', 'Once more')} value={pins.again} onInput={put('again')} fault={faults.again} fresh />
      <button class="first wide">{say('更换口令', 'Change the PIN')}</button>
    </form>
  );
}

function Practice() {
  return (
    <section>
      <h2>{say('练习', 'Practice')}</h2>
      <p>{say('在虚构的医院里练习查房和取证。练习内容单独存放，不上传，结束后清除。', 'Practise rounds and evidence in an invented hospital. It is kept apart, never sent, and erased at the end.')}</p>
      <button class="wide" onClick={beginPractice}>{say('开始练习', 'Begin practice')}</button>
    </section>
  );
}

/** What the phone is enrolled with, to be read out to an administrator. */
function Identity() {
  const { status, phone } = session;
  const { me } = phone.kit;
  return (
    <section>
      <h2>{say('登记信息', 'Enrolment')}</h2>
      <dl class="facts">
        <dt>{say('台账', 'Ledger')}</dt>
        <dd>{status.origin}</dd>
        <dt>{say('台账公钥指纹', 'Fingerprint of the ledger’s key')}</dt>
        <dd class="code">{fingerprintOf(me.ledger_pin)}</dd>
        <dt>{say('手机编号', 'Phone')}</dt>
        <dd class="code">{status.device}</dd>
        <dt>{say('签名密钥', 'Signing key')}</dt>
        <dd>{me.sign_seed
          ? say('这个浏览器没有内置的 Ed25519：密钥由口令加密后保存。更新浏览器后，可以用新的登记码换成不可导出的密钥。', 'This browser has no Ed25519 of its own: the key is kept encrypted under the PIN. After updating the browser a new code makes one that cannot be read out.')
          : say('由浏览器保管，不可导出。', 'Kept by the browser; it cannot be read out.')}</dd>
      </dl>
      <p><a class="tap" href="#/renew">{say('录入新的登记码', 'Enter a new code')}</a></p>
    </section>
  );
}
