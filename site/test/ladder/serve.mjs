// A server of the page with the fixtures and a browser, for scripts that look at it.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts both; stop() ends both. */
export async function start() {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, watch: null },
  });
  await server.listen();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const { port } = server.httpServer.address();
  const open = async (query, size) => {
    const page = await browser.newPage({
      viewport: { width: size.width, height: size.height ?? 900 },
      deviceScaleFactor: size.scale ?? 1,
    });
    page.on('pageerror', (error) => console.error(query, error.message));
    await page.goto(`http://127.0.0.1:${port}/test/ladder/shots.html?${query}`);
    await page.waitForFunction(() => document.documentElement.dataset.ready === '1');
    return page;
  };
  const stop = async () => {
    await browser.close();
    await server.close();
  };
  return { open, stop };
}
