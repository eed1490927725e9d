// The page without a network: a service worker keeps it, and a new version
// waits until the person says so.

import { scriptAddress } from './trust';

/** Registers the service worker; `ready` is told how to change to a new version. */
export async function keepOffline(ready: (change: () => void) => void): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register(scriptAddress('sw.js')).catch(() => null);
  if (!registration) return;
  const offer = (worker: ServiceWorker | null) => {
    // Without a controller this is the first visit, and there is no older version.
    if (worker?.state === 'installed' && navigator.serviceWorker.controller) ready(() => change(worker));
  };
  offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => offer(worker));
  });
}

function change(worker: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  worker.postMessage({ type: 'SKIP_WAITING' });
}
