/** The large keys under a thumb: one tap says in bed, two say anything else and why. */

import { useState } from 'preact/hooks';

import { fieldOf, nameOfCode, say } from '../words.js';
import { Sign } from './presence.jsx';
import { PRESENCES } from './sample.js';
import { nameOfPresence } from './words.js';

const of = (field, ...codes) => codes.map((code) => ({ values: { [field]: code }, words: nameOfCode('bed_check', field, code) }));
const OTHER = () => ({ values: {}, words: say('暂不说明', 'Say nothing more') });

/** What the second tap may say, by what the first one said. */
const WHY = {
  on_site_off_bed: () => of('absence_reason', 'exam', 'meal', 'leave', 'unknown'),
  absent: () => of('absence_reason', 'leave', 'exam', 'meal', 'unknown'),
  discharged_unsettled: (concluding) => [...(concluding ? of('conclusion', 'bed_hanging_suspected') : []), OTHER()],
  unverifiable: () => [...of('identity_fallback', 'unconscious', 'refused', 'no_card', 'minor'), OTHER()],
};

/**
 * @param {object} properties
 * @param {(presence: string, why: Record<string, any>) => Promise<any>} properties.onSaid
 * @param {() => void} [properties.onClose] left out where nothing was said before
 * @param {boolean} [properties.concluding] whether who taps may suspect something
 */
export function PresenceKeys({ onSaid, onClose, concluding = true }) {
  const [first, setFirst] = useState(null);
  const [busy, setBusy] = useState(false);
  const tell = async (presence, why) => {
    setBusy(true);
    navigator.vibrate?.(20);
    await onSaid(presence, why).finally(() => setBusy(false));
  };
  if (first) {
    return (
      <div class="keys" role="group" aria-label={nameOfPresence(first)}>
        <p class={`said is-${first}`}><Sign presence={first} />{nameOfPresence(first)}</p>
        {WHY[first](concluding).map(({ values, words }) => (
          <button key={words} type="button" class="key" disabled={busy} onClick={() => tell(first, values)}>{words}</button>
        ))}
        <button type="button" class="wide-key" onClick={() => setFirst(null)}>{say('返回', 'Back')}</button>
      </div>
    );
  }
  return (
    <div class="keys" role="group" aria-label={say('在床情况', 'Presence')}>
      {PRESENCES.slice(1).map((one) => (
        <button key={one} type="button" class={`key is-${one}`} onClick={() => setFirst(one)}><Sign presence={one} />{nameOfPresence(one)}</button>
      ))}
      <button type="button" class="key-main is-in_bed" disabled={busy} onClick={() => tell('in_bed', {})}><Sign presence="in_bed" />{nameOfPresence('in_bed')}</button>
      {onClose && <button type="button" class="wide-key" onClick={onClose}>{say('不改了', 'Leave it')}</button>}
    </div>
  );
}

/**
 * The codes of a field as a row of keys, one of them pressed; pressing it again takes it back where `clearable`.
 * @param {{type?: string, field: string, part?: string, value?: string, codes?: string[], onPick: (code: string) => any}} properties
 */
export function Codes({ type = 'bed_check', field, part, value, codes, onPick }) {
  const declared = fieldOf(type, field);
  const shown = part ? declared.parts.find(({ name }) => name === part) : declared;
  const choices = shown.choices.filter((one) => !codes || codes.includes(one.value));
  const title = say(declared.zh, declared.en);
  return (
    <fieldset class="codes">
      <legend>{title}</legend>
      {choices.map((one) => (
        <button key={one.value} type="button" aria-pressed={one.value === value} onClick={() => onPick(one.value)}>{say(one.zh, one.en)}</button>
      ))}
    </fieldset>
  );
}
