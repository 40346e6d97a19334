/** A passkey that opens the phone as the PIN does, where the phone has one that can. */

import { useEffect, useState } from 'preact/hooks';

import { PinField } from '../entry/pin.jsx';
import { faultWords, painted } from '../entry/unlock.jsx';
import { vault } from '../opening.js';
import { makePasskey, mayHavePasskey } from '../vault/passkey.js';
import { say } from '../words.js';

export function Passkey() {
  const [state, setState] = useState('asking');
  const look = async () => {
    if (await vault.passkey()) return setState('there');
    return setState((await mayHavePasskey()) ? 'possible' : 'impossible');
  };
  useEffect(() => void look(), []);
  const remove = async () => {
    await vault.removePasskey();
    await look();
  };
  return (
    <section>
      <h2>{say('指纹或面容', 'Fingerprint or face')}</h2>
      {state === 'there' && <p>{say('可以用指纹或面容解锁，口令仍然有效。', 'Fingerprint or face unlocks this phone; the PIN still does.')}</p>}
      {state === 'there' && <button class="wide" onClick={remove}>{say('只用口令解锁', 'Unlock by the PIN alone')}</button>}
      {state === 'possible' && <Add onDone={look} />}
      {state === 'impossible' && <p class="quiet">{say('这部手机或浏览器不支持，请用口令解锁。', 'This phone or browser has none that can unlock; use the PIN.')}</p>}
    </section>
  );
}

function Add({ onDone }) {
  const [pin, setPin] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setFault('');
    try {
      await painted();
      // The PIN first: nobody else's finger is to be enrolled on an open phone.
      await vault.open(pin);
      await vault.addPasskey(pin, await makePasskey());
      await onDone();
    } catch (error) {
      setFault(faultWords(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <PinField id="passkey-pin" label={say('先输入口令', 'The PIN first')} value={pin} onInput={setPin} fault={fault} />
      <button class="wide" disabled={busy || !pin}>{say('用指纹或面容解锁', 'Unlock by fingerprint or face')}</button>
    </form>
  );
}
