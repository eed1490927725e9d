// One incident, cut out of its capture: for a link, or for a file.

import type { Finding, OccurrenceQuery, SharedFrame } from './contract';
import type { Engine } from './engine';
import { plain } from './input';
import { pageEngine } from './page-engine';
import { siteRoot } from './root';
import { emptyRoute, formatRoute } from './route';

export interface ShareOptions {
  /** Other addresses in place of the real ones, one to one. */
  rename: boolean;
  /** With payload; never in a link. */
  whole: boolean;
}

/** What was cut out: a capture of its own, and how many packets it holds (0: a listing). */
export interface CutOut {
  bytes: Uint8Array<ArrayBuffer>;
  packets: number;
}

const largest = 4 * 1024 * 1024; // bytes that the core's input buffer takes at once

/** The incident's packets as a pcapng; a listing's own text for a listing. */
export async function cutOut(
  engine: Engine,
  source: Blob,
  query: OccurrenceQuery,
  options: ShareOptions,
): Promise<CutOut> {
  const frames = await engine.shareFrames(query);
  const bytes = await plain(source);
  if (frames.length === 0) return { bytes: new Uint8Array(await bytes.arrayBuffer()), packets: 0 };
  const data = await gather(bytes, frames);
  if (data.length > largest) throw new RangeError('the incident is too large to be cut out');
  return { bytes: await engine.share({ ...query, ...options }, data), packets: frames.length };
}

async function gather(source: Blob, frames: SharedFrame[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts = frames.map((frame) => source.slice(frame.offset, frame.offset + frame.length));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The address that carries a packed incident. */
export function sharedLink(packed: string, finding: Finding): string {
  const page = siteRoot().href;
  return page + formatRoute({ ...emptyRoute, d: packed, finding: finding.scenario });
}

/** The same incident as an element for another page. */
export function embedSnippet(link: string): string {
  const module = new URL('embed/pcaplain-ladder.js', siteRoot()).href;
  const src = new URL(link).hash;
  return `<script type="module" src="${module}"></script>\n<pcaplain-ladder src="${src.replace(/&/g, '&amp;')}"></pcaplain-ladder>\n`;
}

/** Whether someone who has only these bytes is told the same. */
export async function tellsTheSame(bytes: Uint8Array<ArrayBuffer>, finding: Finding): Promise<boolean> {
  const other = pageEngine();
  try {
    const report = await other.analyse(new Blob([bytes]), 'shared', () => {});
    return report.findings.some((one) => one.scenario === finding.scenario && one.symptom === finding.symptom);
  } catch {
    return false;
  } finally {
    other.close();
  }
}
