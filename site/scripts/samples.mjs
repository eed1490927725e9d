// Copies the captures that the page and the guide offer out of the test data, so
// that each stands under its scenario's id. samples.json names the one that
// tells best; for the rest the first capture that is said to show it will do.

import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';

const here = new URL('..', import.meta.url);
const from = new URL('../testdata/', here);
const to = new URL('public/samples/', here);

/** The first capture in each scenario's folder whose headline is that scenario. */
async function listed() {
  const table = await readFile(new URL('captures.tsv', from), 'utf8').catch(() => '');
  const rows = table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const found = {};
  for (const [path, , , headline] of rows) {
    const scenario = path.split('/')[0];
    if (headline?.split('|')[0] === scenario) found[scenario] ??= path;
  }
  return found;
}

const chosen = JSON.parse(await readFile(new URL('samples.json', here), 'utf8'));
const samples = { ...(await listed()), ...chosen };
await rm(to, { recursive: true, force: true });
await mkdir(to, { recursive: true });

const missing = [];
for (const [scenario, path] of Object.entries(samples)) {
  await copyFile(new URL(path, from), new URL(`${scenario}.pcapng`, to)).catch(() => missing.push(path));
}
const copied = Object.keys(samples).length - missing.length;
console.log(`${copied} samples copied${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}`);
