// The signs that a ladder uses, each with its meaning.

import { MARKS_CSS } from './css';
import { group, type Mark, path, rect } from './scene';
import { escapeXML, markText } from './tosvg';
import type { Ladder, Lang, Row, Text } from './types';

export interface LegendItem {
  kind: string;
  label: string;
  /** Marks on a ground of 34 by 14. */
  marks: Mark[];
}

const full = (): Mark[] => [path('M0 7H26', 'a'), path('M34 7l-9.5 3.7v-7.4z', 'h')];
const open = (): Mark[] => [path('M0 7H33', 'a'), path('M26.5 3.2L34 7l-7.5 3.8', 'h')];
const bar = (cls: string): Mark[] => [rect(0, 3, 34, 8, 0, cls)];
const sign = (en: string, zh: string, ...marks: Mark[]): { text: Text; marks: Mark[] } => ({ text: { en, zh }, marks });

const SIGNS: Record<string, { text: Text; marks: Mark[] }> = {
  control: sign('control: SYN, SYN-ACK, FIN', '控制包：SYN、SYN-ACK、FIN', group('k-control', full())),
  ack: sign('acknowledgement only', '纯确认', group('k-ack', open())),
  data: sign(
    'data',
    '数据',
    group('k-data', [rect(0, 3.5, 7, 7, 0, 'h'), path('M0 7H24', 'a'), path('M34 7l-12 5.2v-10.4z', 'h')]),
  ),
  reset: sign('RST', 'RST', group('k-reset', [path('M0 7H28', 'a'), path('M24 2.8l8.4 8.4m0-8.4l-8.4 8.4', 'h')])),
  other: sign('not TCP', '不是 TCP', group('k-other', open())),
  repeat: sign('sent again', '重传', group('k-control k-repeat', full())),
  ignored: sign(
    'not accepted by the receiver',
    '接收方未接受',
    group('k-control k-ignored', [path('M0 7H20', 'a'), path('M29.5 7l-9.5 4.2v-8.4z', 'h'), path('M32 1v12', 'stop')]),
  ),
  lost: sign(
    'did not arrive',
    '没有到达',
    group('k-control', [path('M0 7H16', 'a'), path('M16 13l4-12M21 13l4-12', 'lost')]),
  ),
  unseen: sign(
    'inferred, not in the capture',
    '推断，抓包中没有',
    path('M1 7H25', 'unseen'),
    path('M26 3l6.5 4l-6.5 4', 'unseen-h'),
  ),
  event: sign('an event without a packet', '没有包的事件', path('M17 0l7 7-7 7-7-7z', 'diamond')),
  SYN_SENT: sign('SYN_SENT', 'SYN_SENT', ...bar('st-syn')),
  SYN_RECV: sign('SYN_RECV', 'SYN_RECV', ...bar('st-hatch')),
  ESTABLISHED: sign('ESTABLISHED', 'ESTABLISHED', ...bar('st-est')),
  closing: sign('closing', '正在关闭', ...bar('st-close')),
  TIME_WAIT: sign('TIME_WAIT', 'TIME_WAIT', ...bar('st-wait')),
  nat: sign('translates addresses', '改写地址', path('M0 7H34', 'lane nat')),
  proxy: sign('ends connections and opens its own', '终结连接，另开自己的连接', path('M0 4.5H34M0 9.5H34', 'lane')),
  evidence: sign('evidence', '证据', rect(0, 0, 34, 14, 3, 'band'), rect(0, 0, 3, 14, 1.5, 'bar')),
};

function collect(rows: Row[], into: Set<string>): void {
  for (const row of rows) {
    if (row.kind === 'fold') collect(row.rows ?? [], into);
    if (row.kind === 'event') into.add('event');
    if (row.kind === 'hop' || row.inferred) into.add('unseen');
    if (row.kind === 'packet') collectPacket(row, into);
    if (row.evidence) into.add('evidence');
  }
}

function collectPacket(row: Row, into: Set<string>): void {
  if (row.repeated) into.add('repeat');
  else if (row.class) into.add(row.class);
  if (row.ignored) into.add('ignored');
  if (row.lost) into.add('lost');
}

const CLOSING = new Set(['FIN_WAIT', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSING', 'CLOSE_WAIT', 'LAST_ACK']);

/** The signs of one ladder, in a fixed order. */
export function legend(ladder: Ladder, lang: Lang): LegendItem[] {
  const used = new Set<string>();
  collect(ladder.rows ?? [], used);
  for (const s of ladder.states ?? []) used.add(CLOSING.has(s.name) ? 'closing' : s.name);
  for (const lane of ladder.lanes ?? []) used.add(lane.kind);
  return Object.keys(SIGNS)
    .filter((kind) => used.has(kind))
    .map((kind) => ({ kind, label: SIGNS[kind].text[lang], marks: SIGNS[kind].marks }));
}

/** The legend as static markup, for pages without scripts. */
export function legendHTML(ladder: Ladder, lang: Lang): string {
  const items = legend(ladder, lang).map(
    (i) =>
      `<li><svg class="pl" viewBox="0 0 34 14" width="34" height="14" aria-hidden="true">${i.marks.map(markText).join('')}</svg>${escapeXML(i.label)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

export const LEGEND_CSS = `${MARKS_CSS}
:host { display: block; }
ul { display: flex; flex-wrap: wrap; gap: 6px 20px; margin: 0; padding: 0; list-style: none; font: 12.5px/1.42 var(--sans, sans-serif); color: var(--ink-2, #474b54); }
li { display: inline-flex; align-items: center; gap: 7px; white-space: nowrap; }
svg { width: 34px; height: 14px; overflow: visible; flex: none; }`;
