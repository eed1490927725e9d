// Builds the program that writes the guide, and runs it over the built site.
// SITE_ORIGIN names where the site is published; without it the pages carry no
// canonical addresses, and work anywhere.

import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const origin = process.env.SITE_ORIGIN ?? '';

await build({
  root: at(''),
  configFile: false,
  logLevel: 'warn',
  build: { ssr: 'src/guide/main.ts', outDir: at('gen/guide'), emptyOutDir: true, copyPublicDir: false },
});
const { writeGuide } = await import(at('gen/guide/main.js'));
console.log(await writeGuide(at('dist'), at('gen'), origin && `${origin.replace(/\/+$/, '')}/`));
process.exit(0); // the core waits for questions for ever
