// Pictures of the fixtures, to be looked at: node test/ladder/shots.mjs [folder] [query ...]
// Without queries: all fixtures at desktop and phone width, light and dark, both languages.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [folder = `${root}/test/shots`, ...queries] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const names = 's2,s4,crosswired,fourlanes,selfconnect,noanswer';
const jobs = queries.length
  ? queries.map((query, i) => ({ query, width: query.includes('phone') ? 390 : 1504, name: `q${i}` }))
  : [1504, 390].flatMap((width) =>
      ['light', 'dark'].flatMap((theme) =>
        ['en', 'zh'].map((lang) => ({
          query: `f=${names}&lang=${lang}&theme=${theme}`,
          width,
          name: `${width}-${theme}-${lang}`,
        })),
      ),
    );

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  server: { host: '127.0.0.1', port: 0, watch: null },
});
await server.listen();
const { port } = server.httpServer.address();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  for (const job of jobs) {
    const page = await browser.newPage({ viewport: { width: job.width, height: 1000 }, deviceScaleFactor: 1.5 });
    page.on('pageerror', (error) => console.error(job.name, error.message));
    await page.goto(`http://127.0.0.1:${port}/test/ladder/shots.html?${job.query}`);
    await page.waitForFunction(() => document.documentElement.dataset.ready === '1');
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${folder}/${job.name}.png`, fullPage: !job.query.includes('f=bulk') });
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}
