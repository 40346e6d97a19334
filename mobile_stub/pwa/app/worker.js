/**
 * The service worker: the app's shell is kept whole, so that it starts with the server dead.
 *
 * A new version is fetched whole or not at all, and takes over only when the page says so: an inspector in the middle
 * of a bed is never reloaded. Nothing but the shell is ever kept here; what the protocol carries goes past it.
 */
/* global SHELL, VERSION */

const NAME = `shell-${VERSION}`;
const FILES = ['./', ...SHELL.filter((name) => name !== 'index.html')];

self.addEventListener('install', (event) => event.waitUntil(keepShell()));

self.addEventListener('activate', (event) => event.waitUntil(dropOlder()));

self.addEventListener('message', ({ data }) => {
  if (data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const scope = new URL(self.registration.scope);
  if (method !== 'GET' || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return;
  event.respondWith(answer(event.request));
});

self.addEventListener('sync', (event) => {
  if (event.tag === 'outbox') event.waitUntil(wakePages());
});

async function keepShell() {
  const cache = await caches.open(NAME);
  // Past the browser's own cache: an older file under a newer version's name would be kept for weeks.
  await cache.addAll(FILES.map((name) => new Request(name, { cache: 'reload' })));
}

async function dropOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith('shell-') && name !== NAME);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request) {
  const cache = await caches.open(NAME);
  const asked = request.mode === 'navigate' ? './' : request;
  return (await cache.match(asked, { ignoreSearch: request.mode === 'navigate' })) ?? fetch(request);
}

async function wakePages() {
  for (const page of await self.clients.matchAll({ type: 'window' })) page.postMessage('sync now');
}
