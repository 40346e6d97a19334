/** The PIN page: opens the phone, tells a wrong PIN and how long to wait after some. */

import { useEffect, useState } from 'preact/hooks';

import { unlock, unlockByPasskey, vault } from '../opening.js';
import { leadsAway } from '../session.js';
import { Icon } from '../parts/icon.jsx';
import { FREE_TRIES } from '../vault/vault.js';
import { say } from '../words.js';
import { PinField } from './pin.jsx';
import { wordsOf } from './words.js';

export function Unlock() {
  const [pin, setPin] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const [until, setUntil] = useState(0);
  const left = useCountdown(until);
  useEffect(() => {
    vault.wait().then((ms) => ms && setUntil(Date.now() + ms));
  }, []);
  const [passkey, setPasskey] = useState(false);
  useEffect(() => {
    vault.passkey().then((found) => setPasskey(Boolean(found)));
  }, []);
  const submit = (event) => {
    event.preventDefault();
    if (!left) open(() => unlock(pin));
  };
  const open = async (how) => {
    if (busy) return;
    setBusy(true);
    setFault('');
    try {
      await painted();
      await how();
    } catch (error) {
      if (leadsAway(error)) return;
      setPin('');
      setBusy(false);
      setFault(faultWords(error));
      if (error.waitMs) setUntil(Date.now() + error.waitMs);
    }
  };
  return (
    <main class="entry">
      <h1><Icon name="lock" /> {say('查房取证已锁定', 'Locked')}</h1>
      {passkey && (
        <div class="thumb">
          <button class="first" disabled={busy} onClick={() => open(unlockByPasskey)}>{say('用指纹或面容解锁', 'Unlock by fingerprint or face')}</button>
        </div>
      )}
      <form onSubmit={submit}>
        <PinField id="pin" label={say('口令', 'PIN')} value={pin} onInput={setPin} fault={fault} first={!passkey} />
        {left > 0 && <p role="timer" class="wait">{say(`${inWords(left)}后可以再试`, `Try again in ${inWords(left)}`)}</p>}
        <div class="thumb">
          <button class={passkey ? '' : 'first'} disabled={busy || left > 0}>{busy ? say('正在解锁……', 'Unlocking…') : say('解锁', 'Unlock')}</button>
        </div>
      </form>
      <p class="quiet">{say(
        '忘记口令时没有人能打开这部手机：请管理员出示接替这部手机的登记码。',
        'If the PIN is forgotten nobody can open this phone: ask your administrator for a code that takes its place.',
      )}</p>
    </main>
  );
}

/** @param {any} error @returns {string} why a PIN opened nothing */
export function faultWords(error) {
  if (error.tries === undefined) return error.waitMs ? '' : wordsOf(error);
  const free = FREE_TRIES - error.tries;
  const after = free > 0 ? say(`再错 ${free} 次后需要等待。`, `After ${free} more you have to wait.`) : '';
  return say(`口令不对。${after}`, `That is not the PIN. ${after}`);
}

/** Lets the button say what happens before the derivation takes the processor. */
export const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

function inWords(ms) {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return say(`${seconds} 秒`, `${seconds} s`);
  return say(`${Math.ceil(seconds / 60)} 分钟`, `${Math.ceil(seconds / 60)} min`);
}

function useCountdown(until) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (until <= Date.now()) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return Math.max(0, until - now);
}
