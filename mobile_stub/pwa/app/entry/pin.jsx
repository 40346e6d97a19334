/** A field for a PIN: digits on the keyboard, never shown, never kept by the browser. */

import { useEffect, useRef } from 'preact/hooks';

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
