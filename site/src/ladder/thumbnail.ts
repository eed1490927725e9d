// A ladder the size of a stamp: its shape without words.

import { MARKS_CSS } from './css';
import { circle, f, group, type Mark, path, rect } from './scene';
import { markText } from './tosvg';
import type { Ladder, Row } from './types';

export interface ThumbnailOptions {
  width?: number;
  height?: number;
  /** Bring the styles along; leave them out where the page has them. */
  styles?: boolean;
}

const MOST = 9;

/** Rows in order, folds unfolded, hops left out. */
function flat(rows: Row[]): Row[] {
  return rows.flatMap((row) => {
    if (row.kind === 'hop') return [];
    return row.kind === 'fold' && row.rows?.length ? flat(row.rows) : [row];
  });
}

/** The rows that give the ladder its shape: its start, its evidence, its end. */
function chosen(rows: Row[]): Row[] {
  const packets = rows.filter((r) => r.kind !== 'gap');
  if (packets.length <= MOST) return rows;
  const evidence = packets.filter((r) => r.evidence || r.class === 'reset' || r.kind === 'event').slice(0, 4);
  const kept = new Set([...packets.slice(0, 3), ...evidence, ...packets.slice(-2)]);
  for (const row of packets) if (kept.size < MOST) kept.add(row);
  return rows.filter((r, i) => kept.has(r) || (r.kind === 'gap' && kept.has(rows[i - 1]) && kept.has(rows[i + 1])));
}

interface Stamp {
  x: number[];
  width: number;
  y: Map<Row, number>;
}

function places(rows: Row[], height: number): Map<Row, number> {
  const weight = (row: Row): number => (row.kind === 'gap' ? 1.6 : 1);
  const total = rows.reduce((sum, row) => sum + weight(row), 0);
  const step = Math.min(14, (height - 16) / Math.max(1, total));
  let y = 8;
  return new Map(
    rows.map((row) => {
      const at = y + (step * (weight(row) - 1)) / 2;
      y += step * weight(row);
      return [row, at];
    }),
  );
}

function arrow(row: Row, s: Stamp, y: number): Mark[] {
  const x1 = s.x[row.from];
  if (row.from === row.to) return loop(row, x1, y);
  const sign = row.to > row.from ? 1 : -1;
  const end = y + 4;
  const x2 = s.x[row.to] - sign * (row.ignored ? 4 : 0.5);
  const n = Math.hypot(x2 - x1, 4);
  const [ux, uy] = [(x2 - x1) / n, 4 / n];
  const at = (l: number, w: number) => `${f(x2 - ux * l - uy * w)} ${f(end - uy * l + ux * w)}`;
  const back = row.class === 'reset' ? 5 : row.class === 'ack' ? 0.5 : 6;
  const line = path(`M${x1} ${f(y)}L${f(x2 - ux * back)} ${f(end - uy * back)}`, 'a');
  return [group(classOf(row), [line, ...tip(row, x2, end, sign, at)])];
}

function loop(row: Row, x: number, y: number): Mark[] {
  const cross = path(`M${x + 3} ${f(y + 5)}l6 6m0 -6l-6 6`, 'h');
  const head = path(`M${x + 1} ${f(y + 8)}l6.5 -2.8v5.6z`, 'h');
  const line = path(`M${x} ${f(y)}h22q4 0 4 4t-4 4h-${row.class === 'reset' ? 16 : 15}`, 'a');
  return [group(classOf(row), [line, row.class === 'reset' ? cross : head])];
}

function tip(row: Row, x: number, y: number, sign: number, at: (l: number, w: number) => string): Mark[] {
  const head = path(`M${at(0, 0)}L${at(6.5, 2.8)}L${at(6.5, -2.8)}Z`, 'h');
  if (row.ignored) return [head, path(`M${f(x + sign * 1.6)} ${f(y - 4)}v8`, 'stop')];
  if (row.class === 'reset') return [path(`M${f(x - sign * 5 - 3)} ${f(y - 3.2)}l6 6m0 -6l-6 6`, 'h')];
  if (row.class === 'ack' || row.class === 'other') return [path(`M${at(5, 2.6)}L${at(0, 0)}L${at(5, -2.6)}`, 'h')];
  return [head];
}

const classOf = (row: Row): string =>
  `k-${row.class || 'control'}${row.repeated ? ' k-repeat' : ''}${row.ignored ? ' k-ignored' : ''}`;

function rowMarks(row: Row, s: Stamp): Mark[] {
  const y = s.y.get(row) ?? 0;
  if (row.kind === 'gap') {
    const zigs = s.x.map((x) => path(`M${x} ${f(y - 6)}l-2.5 2l5 2.6l-5 2.8l5 2.6l-2.5 2`, 'zig'));
    return zigs;
  }
  if (row.kind === 'event') return [path(`M${s.x[row.lane]} ${f(y - 4.5)}l4.5 4.5l-4.5 4.5l-4.5 -4.5z`, 'diamond')];
  const ring = row.ring
    ? [circle(s.x[row.ring === 'from' ? row.from : row.to], row.ring === 'from' ? y : y + 4, 3.5, 'ring')]
    : [];
  return [...arrow(row, s, y), ...ring];
}

/** The shape of a ladder as an svg; its colours are the page's, with light ones to fall back on. */
export function thumbnail(ladder: Ladder, options: ThumbnailOptions = {}): string {
  const { width = 128, height = 108 } = options;
  const count = ladder.lanes?.length ?? 0;
  const edge = count > 2 ? 10 : 14;
  const x = Array.from({ length: count }, (_, i) =>
    count === 1 ? Math.round(width * 0.4) : Math.round(edge + ((width - 2 * edge) * i) / (count - 1)),
  );
  const rows = chosen(flat(ladder.rows ?? []));
  const s: Stamp = { x, width, y: places(rows, height) };
  const bands = rows
    .filter((r) => r.kind === 'gap')
    .map((r) => rect(0, (s.y.get(r) ?? 0) - 6, width, 12, 2, 'gapband'));
  const marks = [
    ...bands,
    ...x.map((at) => path(`M${at} 4V${height - 4}`, 'lane')),
    ...rows.flatMap((row) => rowMarks(row, s)),
  ];
  const styles =
    options.styles === false
      ? ''
      : `<style>${MARKS_CSS}.pl.thumb .a{stroke-width:1.25}.pl.thumb .k-data .a{stroke-width:2}</style>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="pl thumb" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${styles}${marks.map(markText).join('')}</svg>`;
}
