// States along the lanes and brackets of timers: from times to heights.

import { ends } from './arrow';
import type { Ruler } from './fit';
import type { Item } from './plan';
import { f, type Mark, path, rect } from './scene';
import type { Sheet } from './sheet';
import type { Ladder, Lang, Row, State, Timer } from './types';
import { say, stateMeaning } from './words';

export interface Bar {
  lane: number;
  top: number;
  bottom: number;
  cls: string;
  /** Which half of the lane it takes: several connections can meet at one lane. */
  half: 'whole' | 'left' | 'right';
  /** The state in words, for those who point at it. */
  title: string;
}

const BARS: Record<string, string> = {
  SYN_SENT: 'st-syn',
  SYN_RECV: 'st-hatch',
  ESTABLISHED: 'st-est',
  FIN_WAIT: 'st-close',
  FIN_WAIT_1: 'st-close',
  FIN_WAIT_2: 'st-close',
  CLOSING: 'st-close',
  CLOSE_WAIT: 'st-close',
  LAST_ACK: 'st-close',
  TIME_WAIT: 'st-wait',
};

/** One height on the time axis of the ladder. */
interface Stop {
  at: number;
  y: number;
  row: Row | null;
}

/** Turns times into heights: exact at a row's ends, in proportion between rows. */
export class Axis {
  private readonly stops: Stop[] = [];

  constructor(items: Item[]) {
    for (const item of items) this.add(item);
  }

  private add(item: Item): void {
    const packet = item.kind === 'packet';
    if (!packet && item.kind !== 'event' && item.kind !== 'fold') return;
    this.stops.push({ at: item.row.at, y: item.y, row: packet ? item.row : null });
    if (item.kind !== 'fold') return;
    item.groups.forEach((g, k) => {
      if (k) this.stops.push({ at: g[0].at, y: item.y + groupTop(item.groups, k), row: null });
    });
    this.stops.push({ at: item.lastAt, y: item.lastY, row: null });
  }

  /** Index of the last stop not after a time; -1 when there is none. */
  private before(at: number): number {
    let low = -1;
    let high = this.stops.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.stops[middle].at <= at + 0.5) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The height of a time at a lane. */
  y(at: number, lane: number): number {
    const k = this.before(at);
    if (k < 0) return this.stops[0]?.y ?? 0;
    for (let i = k; i >= 0 && this.near(this.stops[i], at); i--) {
      const end = endAt(this.stops[i], lane);
      if (end !== null) return end;
    }
    const a = this.stops[k];
    const b = this.stops[k + 1];
    if (!b) return a.y + (at > a.at + 0.5 ? 14 : 0);
    return this.near(a, at) ? a.y : a.y + ((at - a.at) / (b.at - a.at)) * (b.y - a.y);
  }

  private near(stop: Stop, at: number): boolean {
    const delay = Math.max(0, stop.row?.oneWay ?? 0);
    return at - stop.at <= delay * 1.1 + 0.5;
  }

  /** Heights between rows within a stretch, where a word can stand if nothing else does. */
  *between(top: number, bottom: number): Generator<number> {
    for (let i = 0; i + 1 < this.stops.length; i++) {
      const from = this.stops[i].y;
      const room = this.stops[i + 1].y - from;
      if (from > bottom) return;
      const parts = room > 56 ? [0.5, 0.3, 0.7] : room > 30 ? [0.5] : [];
      for (const part of parts) {
        const y = from + room * part;
        if (y >= top && y <= bottom) yield y;
      }
    }
  }
}

/** Height of group k below the first one of a shut fold. */
export function groupTop(groups: Row[][], k: number): number {
  let y = 0;
  for (let i = 0; i < k; i++) y += groupHeight(groups[i]);
  return y;
}

export const groupHeight = (g: Row[]): number => Math.max(28, 4 + 19 * g.length);

function endAt(stop: Stop, lane: number): number | null {
  if (!stop.row) return null;
  const { start, end } = ends(stop.row);
  if (stop.row.from === lane) return stop.y + start;
  return stop.row.to === lane ? stop.y + end : null;
}

export function barsOf(states: Placed[], axis: Axis, lanes: number, lang: Lang): Bar[][] {
  const out: Bar[][] = Array.from({ length: lanes }, () => []);
  for (const s of states) {
    const cls = BARS[s.name];
    if (!cls || !out[s.lane]) continue;
    const top = axis.y(s.from, s.lane);
    const bottom = Math.max(axis.y(s.to, s.lane), top + 6);
    out[s.lane].push({ lane: s.lane, top, bottom, cls, half: s.half, title: stateMeaning(s.name, s.inferred, lang) });
  }
  return out;
}

/** A state, and the half of its lane that it is drawn on. */
export type Placed = State & { half: Bar['half'] };

const overlaps = (a: State, b: State): boolean => a !== b && a.lane === b.lane && a.from < b.to && b.from < a.to;

/**
 * The states that can be drawn. Where two connections meet at one lane each
 * takes the half that faces its peer; where they share a peer too, a bar could
 * not say whose state it is, and the lane has none.
 */
export function drawable(ladder: Ladder): Placed[] {
  const states = ladder.states ?? [];
  const mixed = new Set(states.filter((s) => states.some((o) => overlaps(s, o))).map((s) => s.lane));
  const placed = states.map((s): Placed => ({ ...s, half: mixed.has(s.lane) ? sideOf(s, ladder) : 'whole' }));
  const unclear = new Set(
    placed.filter((s) => placed.some((o) => overlaps(s, o) && o.half === s.half)).map((s) => s.lane),
  );
  return placed.filter((s) => !unclear.has(s.lane));
}

/** The side of the peer with whom a state began. */
function sideOf(state: State, ladder: Ladder): Bar['half'] {
  const near = (r: Row) => state.from - r.at >= -0.5 && state.from - r.at <= Math.max(0, r.oneWay) + 0.5;
  const row = (ladder.rows ?? []).find(
    (r) => r.kind === 'packet' && near(r) && (r.from === state.lane || r.to === state.lane),
  );
  if (!row) return 'whole';
  const peer = row.from === state.lane ? row.to : row.from;
  return peer < state.lane ? 'left' : 'right';
}

export const hasBar = (s: State): boolean => s.name in BARS;

/** States whose word has no room outside the ladder. */
export function innerStates(states: Placed[], lanes: number, narrow: boolean): Placed[] {
  const last = lanes - 1;
  return states.filter((s) => narrow || (s.lane !== 0 && s.lane !== last));
}

export const stateWidth = (states: State[], lane: number, ruler: Ruler): number =>
  Math.max(0, ...states.filter((s) => s.lane === lane).map((s) => ruler.width(s.name, 'state')));

/** Words beside the bars of the outer lanes, in the first free place. */
export function stateWords(s: Sheet, states: State[], axis: Axis, taken: Taken): Mark[] {
  if (s.c.narrow) return [];
  const last = s.lanes.length - 1;
  const marks: Mark[] = [];
  for (const state of states) {
    if (state.lane !== 0 && state.lane !== last) continue;
    const left = state.lane === 0;
    const width = s.ruler.width(state.name, 'state');
    const y = freeHeight(state, axis, taken, left ? 'left' : 'right', width);
    if (y === null) continue;
    const x = s.c.x[state.lane] + (left ? -12 : 14);
    marks.push(s.ruler.text(x, y + 5, left ? 'end' : 'start', [{ text: state.name, style: 'state' }]));
    taken.words.push({ side: left ? 'left' : 'right', y });
  }
  return marks;
}

/** What already stands beside the outer lanes. */
export interface Taken {
  circles: { side: 'left' | 'right'; y: number }[];
  brackets: { side: 'left' | 'right'; top: number; bottom: number }[];
  words: { side: 'left' | 'right'; y: number }[];
  /** Heights of lines across the ladder. */
  lines: number[];
}

function freeHeight(state: State, axis: Axis, taken: Taken, side: 'left' | 'right', width: number): number | null {
  const top = axis.y(state.from, state.lane);
  const bottom = Math.max(axis.y(state.to, state.lane), top + 20);
  for (const y of axis.between(top + 8, bottom + (hasBar(state) ? 0 : 60))) {
    const clear =
      !taken.lines.some((line) => Math.abs(line - y) < 10) &&
      !taken.circles.some((c) => c.side === side && Math.abs(c.y - y) < 17) &&
      !taken.words.some((w) => w.side === side && Math.abs(w.y - y) < 14) &&
      !(width > 30 && taken.brackets.some((b) => b.side === side && y > b.top - 8 && y < b.bottom + 8));
    if (clear) return y;
  }
  return null;
}

/** Where the brackets of a lane's timers stand. */
export function timerSide(timer: Timer, lanes: number): 'left' | 'right' {
  return timer.lane === 0 && lanes === 2 ? 'left' : 'right';
}

export interface Bracket {
  side: 'left' | 'right';
  top: number;
  bottom: number;
  timer: Timer;
  /** The first of its timer says whose it is. */
  first: boolean;
}

export function bracketsOf(ladder: Ladder, axis: Axis, s: Sheet): Bracket[] {
  if (s.c.narrow && s.lanes.length !== 2) return [];
  return (ladder.timers ?? []).map((timer, i) => {
    const top = axis.y(timer.from, timer.lane) + 3;
    const bottom = Math.max(axis.y(timer.to, timer.lane) - 3, top + 8);
    const side = s.c.narrow ? 'right' : timerSide(timer, s.lanes.length);
    return { side, top, bottom, timer, first: i === 0 };
  });
}

/** Brackets beside the lane that waits; the bar's length is the time. */
export function bracketMarks(s: Sheet, brackets: Bracket[], lines: number[]): Mark[] {
  const longest = Math.max(1, ...brackets.map((b) => b.timer.duration));
  return brackets.flatMap((b) => bracketMark(s, b, longest, lines));
}

/** The height for a bracket's words: its middle, or as near as no line runs through. */
function clearMiddle(b: Bracket, lines: number[]): number {
  const middle = (b.top + b.bottom) / 2;
  const struck = (y: number) => lines.some((line) => line > y - 14 && line < y + 11);
  return [0, 16, -16, 28, -28].map((by) => middle + by).find((y) => !struck(y)) ?? middle;
}

function bracketMark(s: Sheet, b: Bracket, longest: number, lines: number[]): Mark[] {
  const sign = b.side === 'left' ? -1 : 1;
  const lane = s.c.x[b.side === 'left' ? 0 : s.lanes.length - 1];
  const far = s.c.narrow ? 33 : 48;
  const x = lane + sign * far;
  const text = x + sign * (s.c.narrow ? 9 : 14);
  const space = b.side === 'left' ? text - s.c.rail - 12 : s.width - text;
  const length = Math.max(2, (b.timer.duration / longest) * Math.min(86.4, space));
  const middle = clearMiddle(b, lines);
  const anchor = sign < 0 ? 'end' : 'start';
  const label = s.ruler.cut(say(b.timer.label, s.lang), 'timer', space);
  const marks: Mark[] = [
    path(`M${f(x)} ${f(b.top)}h${sign * 6}V${f(b.bottom)}h${-sign * 6}`, 'brk'),
    s.ruler.text(text, middle - 1, anchor, [{ text: label, style: 'timer' }]),
    rect(sign < 0 ? text - length : text, middle + 4.5, length, 4, 0, 'dur'),
  ];
  return [...marks, ...bracketNote(s, b, text, middle, space)];
}

function bracketNote(s: Sheet, b: Bracket, x: number, middle: number, space: number): Mark[] {
  const lines = s.ruler.wrap(say(b.timer.note, s.lang), 'small', space, 2);
  if (!lines.length || b.bottom - b.top < 44 + 13 * lines.length) return [];
  const y = b.first ? middle - 18 - 13 * (lines.length - 1) : middle + 24;
  const anchor = b.side === 'left' ? 'end' : 'start';
  return lines.map((text, k) => s.ruler.text(x, y + 13 * k, anchor, [{ text, style: 'small' }], 'brkn'));
}

/** The names that ss(8) prints where the long ones have no room. */
const SHORT: Record<string, string> = { ESTABLISHED: 'ESTAB', CLOSE_WAIT: 'CLO-WT', TIME_WAIT: 'TIM-WT' };

/** Words of a strip, beside their lanes inside the ladder. */
export function stripMarks(s: Sheet, item: Item): Mark[] {
  return item.states.map((state) => {
    const left = (state.lane === s.lanes.length - 1 && s.lanes.length > 1) || (state.half === 'left' && state.lane > 0);
    const beside = item.states.some((o) => o.lane === state.lane + (left ? -1 : 1));
    const space =
      Math.abs((s.c.x[state.lane + (left ? -1 : 1)] ?? s.width) - s.c.x[state.lane]) / (beside ? 2 : 1) - 20;
    const fits = s.ruler.width(state.name, 'state') <= space;
    const text = fits ? state.name : s.ruler.cut(SHORT[state.name] ?? state.name, 'state', space);
    return s.ruler.text(s.c.x[state.lane] + (left ? -10 : 10), item.y + 4, left ? 'end' : 'start', [
      { text, style: 'state' },
    ]);
  });
}
