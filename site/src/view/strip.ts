// Handshake times as dots on one logarithmic line, their median marked.

import { html, svg, type TemplateResult } from 'lit';
import { duration, type Lang, say } from '../lang';
import { words } from '../words';

const width = 976;
const left = 40;
const right = 76; // room for the median's words at the far end
const middle = 29; // height of the line the dots scatter about
const scatter = 26; // px that the dots spread over, only to part them

export function strip(times: number[], lang: Lang): TemplateResult {
  const sorted = [...times].sort((a, b) => a - b);
  const first = Math.floor(Math.log10(Math.max(1, sorted[0])));
  const last = Math.max(first + 1, Math.ceil(Math.log10(sorted[sorted.length - 1])));
  const x = (ns: number) => left + ((Math.log10(Math.max(1, ns)) - first) / (last - first)) * (width - left - right);
  const median = sorted[Math.floor(sorted.length / 2)];
  const label = say(words.median(duration(median, lang)), lang);
  const decades = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return html`<svg class="strip" viewBox="0 -14 ${width} 88" role="img" aria-label=${label}>
    ${decades.map((ns) => svg`<line x1=${x(ns)} x2=${x(ns)} y1="8" y2="50"/><text x=${x(ns)} y="68" text-anchor="middle">${duration(ns, lang)}</text>`)}
    ${sorted.map((ns, i) => svg`<circle cx=${x(ns)} cy=${height(i)} r="2.2"/>`)}
    <path class="med" d=${`M${x(median)} -12V50`}/><text class="m" x=${x(median) + 7} y="-5">${label}</text>
  </svg>`;
}

// Heights that look scattered and are the same on every drawing: the golden
// ratio's multiples fall evenly into any interval.
function height(index: number): number {
  return middle + (((index * 0.618034) % 1) - 0.5) * scatter;
}
