// Writes the guide into the built site. Runs in Node after the page is built.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MARKS_CSS } from '../ladder/css';
import type { Lang } from '../lang';
import { NodeCore, type Told } from './core';
import { type Entry, indexPage, pathOf, type Site, scenarioPage, sitemap } from './page';

/** The site's folder, the core's folder, and where the site is published ("" for anywhere). */
export async function writeGuide(dist: string, gen: string, origin: string): Promise<string> {
  const core = await NodeCore.start(gen);
  const entries: Entry[] = [];
  for (const scenario of core.scenarios()) {
    entries.push({ scenario, told: await tell(core, scenario.id, dist) });
  }
  const site: Site = { styles: await styles(dist), origin, entries };
  await put(dist, 'guide/guide.css', MARKS_CSS);
  for (const lang of ['en', 'zh'] as Lang[]) {
    await put(dist, `${pathOf(lang)}index.html`, indexPage(site, lang));
    for (const entry of entries) {
      await put(dist, `${pathOf(lang, entry.scenario.id)}index.html`, scenarioPage(site, entry, lang));
    }
  }
  if (origin) await put(dist, 'sitemap.xml', sitemap(site));
  return summary(entries);
}

async function tell(core: NodeCore, id: string, dist: string): Promise<Told | null> {
  const bytes = await readFile(join(dist, 'samples', `${id}.pcapng`)).catch(() => null);
  return bytes ? core.tell(id, `${id}.pcapng`, bytes) : null;
}

/** The style sheets of the built page, which the guide shares. */
async function styles(dist: string): Promise<string[]> {
  const page = await readFile(join(dist, 'index.html'), 'utf8');
  return [...page.matchAll(/<link rel="stylesheet"[^>]* href="\.\/([^"]+)"/g)].map((match) => match[1]);
}

async function put(dist: string, path: string, text: string): Promise<void> {
  const file = join(dist, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function summary(entries: Entry[]): string {
  const without = entries.filter((entry) => !entry.told).map((entry) => entry.scenario.id);
  const rest = without.length > 0 ? `; without a capture: ${without.join(', ')}` : '';
  return `${entries.length} scenarios in the guide, in two languages${rest}`;
}
