// Copies the captures that the page offers as samples out of the test data, so
// that each stands under its scenario's id. One that is missing is only said.

import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';

const here = new URL('..', import.meta.url);
const from = new URL('../testdata/', here);
const to = new URL('public/samples/', here);

const samples = JSON.parse(await readFile(new URL('samples.json', here), 'utf8'));
await rm(to, { recursive: true, force: true });
await mkdir(to, { recursive: true });

const missing = [];
for (const [scenario, path] of Object.entries(samples)) {
  await copyFile(new URL(path, from), new URL(`${scenario}.pcapng`, to)).catch(() => missing.push(path));
}
const copied = Object.keys(samples).length - missing.length;
console.log(`${copied} samples copied${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}`);
