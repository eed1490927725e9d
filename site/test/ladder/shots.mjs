// Pictures of the fixtures, to be looked at: node test/ladder/shots.mjs [folder] [query ...]
// Without queries: all fixtures at desktop and phone width, light and dark, both languages.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { start } from './serve.mjs';

const [folder = fileURLToPath(new URL('../shots', import.meta.url)), ...queries] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const names = 's2,s4,crosswired,fourlanes,selfconnect,noanswer';
const all = [1504, 390].flatMap((width) =>
  ['light', 'dark'].flatMap((theme) =>
    ['en', 'zh'].map((lang) => ({
      query: `f=${names}&lang=${lang}&theme=${theme}`,
      width,
      name: `${width}-${theme}-${lang}`,
    })),
  ),
);
const asked = queries.map((query, i) => ({ query, width: query.includes('phone') ? 390 : 1504, name: `q${i}` }));

const { open, stop } = await start();
try {
  for (const job of asked.length ? asked : all) {
    const page = await open(job.query, { width: job.width, scale: 1.5 });
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${folder}/${job.name}.png`, fullPage: !job.query.includes('f=bulk') });
    await page.close();
  }
} finally {
  await stop();
}
