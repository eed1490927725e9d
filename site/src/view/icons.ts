import { html, svg, type TemplateResult } from 'lit';
import type { Certainty, Severity } from '../contract';

const icon = (shapes: TemplateResult) => html`<svg viewBox="0 0 16 16" aria-hidden="true">${shapes}</svg>`;

export const logo = html`<svg viewBox="0 0 20 20" aria-hidden="true"><path class="lg-lane" d="M4 2v16M16 2v16"/><path class="lg-line" d="M4 5.5l9 2.2"/><path class="lg-head" d="M16 8.1l-4.4-3-1 4z"/><path class="lg-answer" d="M16 12l-8 2"/><circle class="lg-dot" cx="5.8" cy="14.6" r="2.6"/></svg>`;

export const lock = icon(
  svg`<rect x="3" y="7" width="10" height="7" rx="1.6"/><path d="M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2"/>`,
);
export const halfMoon = icon(
  svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11A5.5 5.5 0 0 0 8 2.5z" fill="currentColor"/>`,
);
export const copySheets = icon(
  svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>`,
);
export const chainLink = icon(
  svg`<path d="M6.6 9.4l2.8-2.8M7 4.8l1.3-1.3a2.9 2.9 0 0 1 4.1 4.1L11.1 9M9 11.2l-1.3 1.3a2.9 2.9 0 0 1-4.1-4.1L4.9 7"/>`,
);
export const downArrow = icon(svg`<path d="M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M3 13.5h10"/>`);
export const angles = icon(svg`<path d="M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5"/>`);
export const tick = html`<svg class="tickm" viewBox="0 0 13 13" aria-hidden="true"><path d="M2 7l3.2 3.2L11 3.3"/></svg>`;
export const tornPage = html`<svg viewBox="0 0 22 22" aria-hidden="true"><path d="M5 2.5h8l4 4v5l-2 1.8-2.3-2-2.3 2-2.3-2-2.3 2L5 11.5z"/><path d="M5 16.2l2.3-2 2.3 2 2.3-2 2.3 2 2.8-2v5.3H5z" stroke-dasharray="1.5 2"/></svg>`;
export const dash = html`<svg class="dashm" viewBox="0 0 12 12" aria-hidden="true"><path d="M2 6h8"/></svg>`;

// Severity is a shape, so that it needs no colour: full, half and hollow diamond.
const diamonds: Record<Severity, TemplateResult> = {
  problem: svg`<path class="f" d="M6 0l6 6-6 6-6-6z"/>`,
  warning: svg`<path d="M6 .9L11.1 6 6 11.1.9 6z"/><path class="f" d="M6 .5v11L.5 6z"/>`,
  info: svg`<path d="M6 .9L11.1 6 6 11.1.9 6z"/>`,
};

export function diamond(severity: Severity): TemplateResult {
  return html`<svg class="sv" viewBox="0 0 12 12" aria-hidden="true">${diamonds[severity]}</svg>`;
}

// Certainty is a disc: full, half, hollow; a dotted one when nothing is known.
const discs: Record<Certainty, TemplateResult> = {
  certain: svg`<circle class="f" cx="6" cy="6" r="5"/>`,
  likely: svg`<circle cx="6" cy="6" r="4.7"/><path class="f" d="M6 1.3a4.7 4.7 0 0 0 0 9.4z"/>`,
  possible: svg`<circle cx="6" cy="6" r="4.7"/>`,
  unknown: svg`<circle cx="6" cy="6" r="4.7" stroke-dasharray="1.8 1.9"/>`,
};

export function disc(certainty: Certainty): TemplateResult {
  return html`<svg viewBox="0 0 12 12" aria-hidden="true">${discs[certainty] ?? discs.unknown}</svg>`;
}
