// Marks as lit templates.

import { nothing, svg, type TemplateResult } from 'lit';
import { f, type Mark, type Run, type TextMark } from './scene';

const run = (r: Run): TemplateResult =>
  svg`<tspan class=${`t-${r.style}`} dx=${r.gap ? String(r.gap) : nothing}>${r.text}</tspan>`;

function text(m: TextMark): TemplateResult {
  const anchor = m.anchor === 'start' ? nothing : m.anchor;
  return svg`<text class=${m.cls || nothing} x=${f(m.x)} y=${f(m.y)} text-anchor=${anchor}>${m.runs.filter((r) => r.text).map(run)}</text>`;
}

const title = (m: { title?: string; cls: string }) =>
  m.title && m.cls === 'hit' ? svg`<title>${m.title}</title>` : nothing;

/** One mark, ready for an svg template. */
export function template(m: Mark): TemplateResult {
  switch (m.kind) {
    case 'path':
      return svg`<path class=${m.cls} d=${m.d}></path>`;
    case 'rect':
      return svg`<rect class=${m.cls} x=${f(m.x)} y=${f(m.y)} width=${f(m.w)} height=${f(m.h)} rx=${m.r || nothing}>${title(m)}</rect>`;
    case 'circle':
      return svg`<circle class=${m.cls || nothing} cx=${f(m.x)} cy=${f(m.y)} r=${m.r}></circle>`;
    case 'group':
      return svg`<g class=${m.cls}>${m.marks.map(template)}</g>`;
    default:
      return text(m);
  }
}
