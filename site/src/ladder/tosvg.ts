// A scene as one SVG file: its own styles, generic fonts, nothing outside.

import { DARK, HATCH, LIGHT, MARKS_CSS } from './css';
import type { Scene } from './layout';
import { f, type Mark, type Run } from './scene';

export type Theme = 'light' | 'dark' | 'auto' | 'page';

const ENTITY: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeXML = (text: string): string => text.replace(/[&<>"]/g, (c) => ENTITY[c]);

const attribute = (cls: string): string => (cls ? ` class="${cls}"` : '');

function runText(run: Run): string {
  const gap = run.gap ? ` dx="${run.gap}"` : '';
  return `<tspan class="t-${run.style}"${gap}>${escapeXML(run.text)}</tspan>`;
}

/** One mark as SVG text. */
export function markText(mark: Mark): string {
  switch (mark.kind) {
    case 'path':
      return `<path class="${mark.cls}" d="${mark.d}"/>`;
    case 'rect': {
      const r = mark.r ? ` rx="${mark.r}"` : '';
      return `<rect class="${mark.cls}" x="${f(mark.x)}" y="${f(mark.y)}" width="${f(mark.w)}" height="${f(mark.h)}"${r}${mark.title ? `><title>${escapeXML(mark.title)}</title></rect>` : '/>'}`;
    }
    case 'circle':
      return `<circle${attribute(mark.cls)} cx="${f(mark.x)}" cy="${f(mark.y)}" r="${mark.r}"/>`;
    case 'group':
      return `<g${attribute(mark.cls)}>${mark.marks.map(markText).join('')}</g>`;
    default: {
      const anchor = mark.anchor === 'start' ? '' : ` text-anchor="${mark.anchor}"`;
      const runs = mark.runs.filter((r) => r.text);
      return `<text${attribute(mark.cls)} x="${f(mark.x)}" y="${f(mark.y)}"${anchor}>${runs.map(runText).join('')}</text>`;
    }
  }
}

const variables = (theme: Record<string, string>): string =>
  Object.entries(theme)
    .map(([k, value]) => `--${k}:${value}`)
    .join(';');

/** Variables of a theme; "page" leaves them to the page the svg stands in. */
function themeCSS(theme: Theme): string {
  if (theme === 'page') return '';
  const first = `.pl{${variables(theme === 'dark' ? DARK : LIGHT)}}`;
  return theme === 'auto' ? `${first}@media (prefers-color-scheme: dark){.pl{${variables(DARK)}}}` : first;
}

export interface SVGOptions {
  theme?: Theme;
  /** Paint the paper behind it: for files, not inside a page. */
  paper?: boolean;
}

/** The whole ladder as a self-contained SVG. */
export function toSVG(scene: Scene, options: SVGOptions = {}): string {
  const theme = options.theme ?? 'light';
  const view = scene.view();
  const pad = options.paper ? 16 : 0;
  const box = `${-pad} ${-pad} ${scene.width + 2 * pad} ${scene.height + 2 * pad}`;
  const sheet = options.paper
    ? `<rect x="${-pad}" y="${-pad}" width="${scene.width + 2 * pad}" height="${scene.height + 2 * pad}" fill="var(--paper)"/>`
    : '';
  const rows = view.pictures.map((p) => `<g class="${p.cls}">${p.marks.map(markText).join('')}</g>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="pl" width="${scene.width + 2 * pad}" height="${scene.height + 2 * pad}" viewBox="${box}" role="img" aria-label="${escapeXML(scene.title)}" lang="${scene.lang === 'zh' ? 'zh-CN' : 'en'}">`,
    `<title>${escapeXML(scene.title)}</title><style>${themeCSS(theme)}${MARKS_CSS}</style><defs>${HATCH}</defs>${sheet}`,
    ...[...view.ground, ...view.lanes].map(markText),
    ...rows,
    ...view.over.map(markText),
    '</svg>',
  ].join('\n');
}
