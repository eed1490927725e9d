// What drawing one row needs to know of the whole.

import { type Arrow, ends } from './arrow';
import type { Columns } from './columns';
import type { Ruler } from './fit';
import type { Item } from './plan';
import type { Bar } from './states';
import type { Clock, TimeMode } from './time';
import type { Lane, Lang, Row } from './types';

export interface Sheet {
  width: number;
  lang: Lang;
  lanes: Lane[];
  c: Columns;
  ruler: Ruler;
  clock: Clock;
  times: TimeMode;
  /** State bars per lane, in y. */
  bars: Bar[][];
  /** Lanes that carry a bar anywhere: labels keep 2 px more from them. */
  barred: boolean[];
}

export const BASE = 34;
export const BASE_TWO = 29;
export const BASE_DENSE = 22;

/** Half a row's height, before notes and slopes ask for more. */
export const base = (s: Sheet, item: Item): number =>
  item.dense ? BASE_DENSE : s.lanes.length > 2 || s.c.narrow ? BASE : BASE_TWO;

/** How far what a lane is drawn as reaches to a side at a height. */
export function half(s: Sheet, lane: number, y: number, side: 1 | -1): number {
  for (const bar of s.bars[lane] ?? []) {
    if (y < bar.top || y > bar.bottom) continue;
    if (bar.half === 'whole') return 4;
    if ((bar.half === 'right') === side > 0) return 5;
  }
  return s.lanes[lane]?.kind === 'proxy' ? 2.5 : 0;
}

/** Distance of text from its lane. */
export const inset = (s: Sheet, lane: number): number => (s.barred[lane] ? 16 : 14);

export const signOf = (row: Row): 1 | -1 => (row.to >= row.from ? 1 : -1);

/** Room for text from a lane towards the next one on a side. */
export function room(s: Sheet, lane: number, sign: 1 | -1): number {
  const other = s.c.x[lane + sign];
  const edge = other === undefined ? (sign > 0 ? s.width : 0) : other - sign * (s.barred[lane + sign] ? 10 : 8);
  return Math.abs(edge - s.c.x[lane]) - inset(s, lane);
}

/** The arrow of a packet whose time line is y. */
export function arrowOf(s: Sheet, row: Row, y: number): Arrow {
  const sign = signOf(row);
  const { start, end } = ends(row);
  const y1 = y + start;
  const y2 = y + end;
  const x1 = s.c.x[row.from] + sign * half(s, row.from, y1, sign);
  const x2 = s.c.x[row.to] - sign * (half(s, row.to, y2, sign > 0 ? -1 : 1) + (row.ignored ? 5 : 1));
  return { from: row.from, to: row.to, x1, y1, x2, y2, sign };
}

/** A packet of a shut fold: its slope stays within the little room there. */
export const small = (row: Row): Row => (row.oneWay > SMALL_DELAY ? { ...row, oneWay: SMALL_DELAY } : row);
const SMALL_DELAY = 60_000;

export const LOOP_FALL = 22;

/** Which way and how far a packet to itself goes out. */
export function loopReach(s: Sheet, lane: number): number {
  if (s.lanes.length === 1) return Math.min(240, s.width - s.c.x[0] - 60);
  const right = lane < s.lanes.length - 1;
  return (right ? 1 : -1) * Math.min(150, room(s, lane, right ? 1 : -1) * 0.7);
}
