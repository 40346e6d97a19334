/** A field for a PIN: digits on the keyboard, never shown, never kept by the browser. */

import { useEffect, useRef } from 'preact/hooks';

import { say } from '../words.js';

const FAULTS = {
  short: () => say('口令至少 6 位数字。', 'A PIN has at least 6 digits.'),
  easy: () => say('这样的口令一猜就中，请换一个。', 'Such a PIN is guessed at once; choose another.'),
};

/** @param {'short' | 'easy'} fault @returns {string} */
export const pinFaultWords = (fault) => FAULTS[fault]();

/** @param {{id: string, label: string, value: string, onInput: (pin: string) => void, fault?: string, first?: boolean, fresh?: boolean}} properties */
export function PinField({ id, label, value, onInput, fault, first = false, fresh = false }) {
  const field = useRef(null);
  useEffect(() => {
    if (first) field.current.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={field}
        id={id}
        type="password"
        inputMode="numeric"
        autocomplete={fresh ? 'new-password' : 'current-password'}
        maxLength={32}
        value={value}
        aria-invalid={Boolean(fault)}
        aria-describedby={fault ? `${id}-fault` : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {fault && <p class="trouble" id={`${id}-fault`} role="alert">{fault}</p>}
    </div>
  );
}
