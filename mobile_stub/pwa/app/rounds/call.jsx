/** Parts of answering a call: how much time is left, the challenge to be shown, whether the place is known. */

import { useEffect, useState } from 'preact/hooks';

import { placeWords } from '../capture/camera.jsx';
import { Icon } from '../parts/icon.jsx';
import { session } from '../session.js';
import { syncNow } from '../syncing.js';
import { clockTime, say } from '../words.js';

const POLL_MS = 10_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** A position that is vaguer than this proves nothing about a hospital's ground. */
const VAGUE_M = 300;

/** Ask for news while the caller is drawn: a call must not wait for the usual sync. */
export function usePolling() {
  useEffect(() => {
    const timer = setInterval(syncNow, POLL_MS);
    return () => clearInterval(timer);
  }, []);
}

/** @returns {number} the ledger's time as far as the phone knows it; the caller is drawn anew each second */
function useNow() {
  const now = () => session.phone?.kit.transport.nowMs() ?? Date.now();
  const [at, setAt] = useState(now());
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  return at;
}

/** @param {{until: number}} properties */
export function TimeLeft({ until }) {
  const left = until - useNow();
  if (left <= 0) {
    return (
      <p class="time-left is-absent" role="status">
        <Icon name="clock" />
        {say(`应答时限 ${clockTime(until)} 已过。仍可记录，将标记为迟到。`, `The time to answer ended at ${clockTime(until)}. You may still record; it will be marked as late.`)}
      </p>
    );
  }
  const [minutes, seconds] = [Math.floor(left / MINUTE_MS), Math.floor((left % MINUTE_MS) / SECOND_MS)];
  return (
    <p class="time-left" role="timer">
      <Icon name="clock" />
      {say('剩余', 'Left')} <b>{minutes}:{String(seconds).padStart(2, '0')}</b>
      <span class="quiet">{say(`${clockTime(until)} 前`, `until ${clockTime(until)}`)}</span>
    </p>
  );
}

/** @param {{code: string | null}} properties */
export function Challenge({ code }) {
  if (!code) return null;
  return (
    <section class="challenge">
      <h2>{say('照片里必须看得清', 'Must be readable in the picture')}</h2>
      <p class="challenge-code" aria-label={[...code].join(' ')}>{code}</p>
      <p class="quiet">{say('写在卡片上放在床头，或显示在床旁平板上，与床位一起拍。', 'Write it on a card at the bed, or show it on a tablet, and photograph both.')}</p>
    </section>
  );
}

/** Whether the place is good enough, said on the spot. @param {{here: import('../capture/place.js').Place}} properties */
export function PlaceSaid({ here }) {
  const vague = here.position && here.position.accuracy_m > VAGUE_M;
  const good = here.position && !vague;
  return (
    <p class={`place-said ${good ? 'is-in_bed' : 'is-absent'}`} role="status">
      <Icon name={good ? 'tick' : 'alarm'} />
      <span>{vague ? say(`定位误差 ${here.position.accuracy_m} 米，太大：请走到窗边再拍`, `Place known to ${here.position.accuracy_m} m only: go to a window first`) : placeWords(here)}</span>
    </p>
  );
}
