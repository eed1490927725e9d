// Accessibility of whatever a page shows just now.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules that a page breaks, each with the first places where. */
export async function violations(page) {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations.map((one) => ({ id: one.id, where: one.nodes.slice(0, 3).map((node) => node.target.join(' ')) }));
  });
  return found.map((one) => `${one.id}: ${one.where.join(', ')}`);
}

/** How far the page is wider than its window; 0 when it fits. */
export function overflow(page) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}
