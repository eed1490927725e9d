// What each mark looks like. One sheet for the element, for exports and for
// pages: the custom properties are the page's, the fallbacks the light theme.

/** Names and values of the light and of the dark theme. */
export const LIGHT: Record<string, string> = {
  paper: '#fbfaf7',
  ink: '#1d1f23',
  'ink-2': '#474b54',
  'ink-3': '#676c77',
  'rule-2': '#c9c4ba',
  lane: '#8b877e',
  evidence: '#1a5ca6',
  'evidence-tint': '#e9f0f9',
  'evidence-ink': '#ffffff',
  reset: '#b02e16',
  repeat: '#845200',
  ignored: '#6b5590',
  data: '#0d6355',
  control: '#1d1f23',
  ack: '#676c77',
  unseen: '#676c77',
  gap: '#f0ede6',
};
export const DARK: Record<string, string> = {
  paper: '#15171a',
  ink: '#e8e5de',
  'ink-2': '#bbbcc0',
  'ink-3': '#9498a0',
  'rule-2': '#43484f',
  lane: '#6f757d',
  evidence: '#86b6f0',
  'evidence-tint': '#1a2636',
  'evidence-ink': '#10151c',
  reset: '#ff9078',
  repeat: '#e0b052',
  ignored: '#bda9e2',
  data: '#63c9b3',
  control: '#e8e5de',
  ack: '#9498a0',
  unseen: '#9498a0',
  gap: '#1e2126',
};

export const SANS =
  '-apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Inter, Roboto, "Noto Sans", "Liberation Sans", Arial, ' +
  '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';

const v = (name: string): string => `var(--${name}, ${LIGHT[name]})`;

/** Styles of the marks inside any svg of class pl. */
export const MARKS_CSS = `
.pl { font-family: var(--sans, ${SANS}); font-variant-numeric: tabular-nums lining-nums; overflow: visible; }
.pl text { font-size: 12.5px; fill: ${v('ink')}; white-space: pre; }
.pl .t-flags { font-weight: 650; letter-spacing: .01em; }
.pl .t-data { fill: ${v('ink-2')}; }
.pl .t-note { font-size: 11.5px; fill: ${v('ink-2')}; }
.pl .t-ignored { font-size: 11.5px; font-weight: 600; fill: ${v('ignored')}; }
.pl .t-small { font-size: 11px; fill: ${v('ink-3')}; }
.pl .t-number { font-size: 12px; font-weight: 600; fill: ${v('ink-2')}; }
.pl .t-time { font-size: 11px; fill: ${v('ink-3')}; }
.pl .t-delta { font-size: 11px; fill: ${v('ink-2')}; }
.pl .t-deltabig { font-size: 12px; font-weight: 650; }
.pl .t-role { font-size: 11.5px; fill: ${v('ink-3')}; }
.pl .t-address { font-size: 13.5px; font-weight: 600; }
.pl .t-narrowaddress { font-size: 11.5px; font-weight: 600; }
.pl .t-port { font-size: 13.5px; fill: ${v('ink-3')}; }
.pl .t-state { font-size: 10.5px; letter-spacing: .05em; font-weight: 600; fill: ${v('ink-2')}; }
.pl .t-gap { font-weight: 650; }
.pl .t-strong { font-size: 11.5px; font-weight: 650; }
.pl .t-fold { font-size: 11.5px; font-weight: 600; fill: ${v('evidence')}; }
.pl .t-timer { font-size: 12px; font-weight: 600; fill: ${v('repeat')}; }
.pl .t-callout { font-size: 11px; font-weight: 700; fill: ${v('evidence-ink')}; }
.pl .lane { stroke: ${v('lane')}; stroke-width: 1; fill: none; }
.pl .lane.here { stroke: ${v('ink-2')}; stroke-width: 1.25; }
.pl .lane.nat { stroke-dasharray: 9 3 2 3; }
.pl .rail { stroke: ${v('rule-2')}; stroke-width: 1; fill: none; }
.pl .tick { stroke: ${v('ink-3')}; stroke-width: 1; }
.pl .zig { stroke: ${v('ink-3')}; stroke-width: 1; fill: none; stroke-linejoin: round; }
.pl .gapband { fill: ${v('gap')}; }
.pl .tap { fill: none; stroke: ${v('ink-2')}; stroke-width: 1.1; }
.pl .tapdot { fill: ${v('ink-2')}; }
.pl .a { fill: none; stroke: currentColor; stroke-width: 1.25; }
.pl .h { fill: currentColor; stroke: none; }
.pl .k-control { color: ${v('control')}; }
.pl .k-data { color: ${v('data')}; }
.pl .k-data .a { stroke-width: 2.5; }
.pl .k-ack, .pl .k-other { color: ${v('ack')}; }
.pl .k-ack .a, .pl .k-other .a { stroke-width: 1; }
.pl .k-ack .h, .pl .k-other .h { fill: none; stroke: currentColor; stroke-width: 1.1; stroke-linejoin: miter; }
.pl .k-other .a { stroke-dasharray: 9 3 1.5 3; }
.pl .k-reset { color: ${v('reset')}; }
.pl .k-reset .a { stroke-width: 1.5; }
.pl .k-reset .h { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
.pl .k-repeat { color: ${v('repeat')}; }
.pl .k-repeat .a { stroke-dasharray: 7 4; }
.pl .k-reset .t-flags, .pl .k-data .t-flags, .pl .k-repeat .t-flags { fill: currentColor; }
.pl .loop, .pl .lost { fill: none; stroke: currentColor; stroke-width: 1.3; stroke-linecap: round; stroke-linejoin: round; }
.pl .k-ignored .h { fill: ${v('paper')}; stroke: ${v('ignored')}; stroke-width: 1.3; stroke-linejoin: round; }
.pl .ev .k-ignored .h { fill: ${v('evidence-tint')}; }
.pl .k-data.k-ignored rect.h { fill: currentColor; stroke: none; }
.pl .k-ignored .stop { stroke: ${v('ignored')}; stroke-width: 2; stroke-linecap: round; }
.pl .k-inferred .a { stroke-dasharray: .1 4; stroke-linecap: round; }
.pl .unseen { fill: none; stroke: ${v('unseen')}; stroke-width: 1.3; stroke-dasharray: .1 4; stroke-linecap: round; }
.pl .unseen-h { fill: none; stroke: ${v('unseen')}; stroke-width: 1.1; stroke-linejoin: round; }
.pl .diamond { fill: ${v('paper')}; stroke: ${v('ink-2')}; stroke-width: 1.3; }
.pl .band { fill: ${v('evidence-tint')}; }
.pl .bar { fill: ${v('evidence')}; }
.pl .ring { fill: ${v('paper')}; stroke: ${v('evidence')}; stroke-width: 2; }
.pl .co :is(circle, rect) { fill: ${v('evidence')}; }
.pl .st-est { fill: ${v('lane')}; opacity: .55; }
.pl .st-hatch { fill: url(#pl-hatch); stroke: ${v('repeat')}; stroke-width: 1; }
.pl .hatchline { stroke: ${v('repeat')}; stroke-width: 1.4; }
.pl .st-syn { fill: ${v('paper')}; stroke: ${v('lane')}; stroke-width: 1; }
.pl .st-close { fill: ${v('lane')}; opacity: .28; }
.pl .st-wait { fill: ${v('paper')}; stroke: ${v('lane')}; stroke-width: 1; stroke-dasharray: 3 3; }
.pl .brk { fill: none; stroke: ${v('repeat')}; stroke-width: 1; opacity: .55; }
.pl .dur { fill: ${v('repeat')}; }
.pl .foldline { stroke: ${v('rule-2')}; stroke-width: 1; fill: none; }
.pl .bulk .a { stroke-width: 1.25; }
.pl .hit { fill: transparent; }
`;

/** The hatching of SYN_RECV; every svg brings its own. */
export const HATCH =
  '<pattern id="pl-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatchline" d="M0 0V5"/></pattern>';
