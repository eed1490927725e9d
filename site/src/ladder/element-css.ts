// Styles of the element: the marks' own, and what answers to pointer and keys.

import { css, unsafeCSS } from 'lit';
import { MARKS_CSS } from './css';

export const ELEMENT_STYLES = css`
  :host { display: block; position: relative; contain: layout; }
  .box { position: relative; }
  .box.over { overflow: auto hidden; }
  svg.pl { position: absolute; left: 0; display: block; -webkit-tap-highlight-color: transparent; }
  .list { position: absolute; left: 0; width: 100%; height: 44px; margin: 0; padding: 0; overflow: hidden; list-style: none;
    clip-path: inset(50%); pointer-events: none; outline: none; contain: strict; scroll-margin: 24px; }
  .spot { position: absolute; left: 0; width: 1px; pointer-events: none; scroll-margin: 16px; }
  ${unsafeCSS(MARKS_CSS)}
  .pl .over, .pl .under { pointer-events: none; }
  .pl .grip { fill: transparent; cursor: grab; touch-action: pan-y; }
  .pl .grip:hover { fill: color-mix(in srgb, var(--ink, #1d1f23) 4%, transparent); }
  .pl .grip.held { fill: var(--evidence-tint, #e9f0f9); cursor: grabbing; }
  .pl .row:is([data-act=packet], [data-act=fold]) { cursor: pointer; }
  .pl .row .hit { transition: fill var(--ease, 140ms ease-out); }
  .pl .row[data-act]:hover .hit { fill: color-mix(in srgb, var(--ink, #1d1f23) 4%, transparent); }
  .pl .row.kin .hit { stroke: var(--ink-3, #676c77); stroke-width: 1; stroke-dasharray: 3 3; }
  .pl .row.sel .hit { stroke: var(--evidence, #1a5ca6); stroke-width: 1.5; }
  .pl .row.focus .hit { stroke: var(--evidence, #1a5ca6); stroke-width: 2; }
  .pl.linked .row { opacity: .32; }
  .pl .row { transition: opacity var(--ease, 140ms ease-out); }
  .pl.linked .row.hot { opacity: 1; }
  .pl.linked .row.hot .hit { fill: color-mix(in srgb, var(--evidence, #1a5ca6) 10%, transparent); }
  .pl.linked :is(.band, .bar) { opacity: .25; }
  .pl.linked :is(.unseen, .unseen-h, .brk, .dur, .t-timer, .brkn) { opacity: .4; }
  @media (prefers-reduced-motion: reduce) { .pl .row, .pl .row .hit { transition: none; } }
  @media print { .pl .row.sel .hit, .pl .row.focus .hit { stroke: none; } }
`;
