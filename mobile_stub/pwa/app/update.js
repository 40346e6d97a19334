/**
 * A new version of the app: fetched whole by the worker, and in force when the user says so, at a safe moment.
 *
 * Nobody is reloaded in the middle of a bed: the worker waits, a band offers it, and unsent work is named first.
 */

import { change } from './session.js';

let waiting = null;

/** Register the worker and follow whether a newer one waits. */
export async function followUpdates() {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register('sw.js', { scope: './', updateViaCache: 'none' });
  found(registration);
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', () => found(registration));
  });
  document.addEventListener('visibilitychange', () => {
    // Without a network there is nothing newer to be had.
    if (document.visibilityState === 'visible') registration.update().catch(() => {});
  });
}

function found(registration) {
  // The first worker of all waits for nobody, and there is nothing older to be replaced.
  if (!registration.waiting || !navigator.serviceWorker.controller) return;
  waiting = registration.waiting;
  change({ update: true });
}

/** Let the newer version take over; the page is loaded anew, and asks for the PIN. */
export function takeUpdate() {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage('take over');
}
