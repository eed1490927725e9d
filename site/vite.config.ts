import { defineConfig } from 'vite';

// Plain files for any static host, below any path: the base is relative and
// nothing is inlined, because the policy of the page allows no inline code.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 300,
    rolldownOptions: { input: { index: 'index.html', embed: 'embed/index.html', fetch: 'fetch/index.html' } },
  },
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], exclude: ['test/e2e/**'] },
} as Parameters<typeof defineConfig>[0]);
