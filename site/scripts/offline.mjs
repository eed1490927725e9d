// Writes the service worker over the built site, so that the page works without
// a network after the first visit. The page itself, the core and its parts are
// kept at once; the guide and the samples as they are looked at.

import { fileURLToPath } from 'node:url';
import { generateSW } from 'workbox-build';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const largest = 16 * 1024 * 1024; // bytes; the core is the only large file

const { count, size, warnings } = await generateSW({
  globDirectory: dist,
  globPatterns: ['index.html', 'icon.svg', 'manifest.webmanifest', 'assets/*'],
  swDest: `${dist}/sw.js`,
  sourcemap: false,
  inlineWorkboxRuntime: true,
  maximumFileSizeToCacheInBytes: largest,
  clientsClaim: true, // the first visit is already fit for going offline
  skipWaiting: false, // a new version waits until the person says so
  cleanupOutdatedCaches: true,
  dontCacheBustURLsMatching: /assets\//, // their names change with their contents
  runtimeCaching: [
    {
      urlPattern: ({ url, sameOrigin }) => sameOrigin && /\/(guide|samples|embed)\//.test(url.pathname),
      handler: 'StaleWhileRevalidate',
      options: { cacheName: 'read' },
    },
  ],
});
for (const warning of warnings) console.warn(warning);
console.log(`offline: ${count} files, ${Math.round(size / 1000)} kB`);
