// The layout of a ladder: a pure function of the ladder, the width, the
// language and a few options. The scene it returns draws only what is asked
// for, so that a hundred thousand rows cost no more than those in view.

import { heightAt } from './arrow';
import { type Columns, columns, footer, header, type Needs } from './columns';
import { draw, extentOf } from './draw';
import { Ruler } from './fit';
import { type Measure, tableMeasure } from './measure';
import { type Item, packetsOf, plan } from './plan';
import { f, type Mark, type Picture, path, rect, type View } from './scene';
import { arrowOf, type Sheet, small } from './sheet';
import { circlePlace } from './signs';
import {
  Axis,
  type Bar,
  barsOf,
  bracketMarks,
  bracketsOf,
  drawable,
  hasBar,
  innerStates,
  type Placed,
  stateWidth,
  stateWords,
  type Taken,
  timerSide,
} from './states';
import { clockOf, type TimeMode } from './time';
import type { Ladder, Lang, Row } from './types';
import { say } from './words';

export interface LayoutOptions {
  /** Width in px; laid out for it, never scaled. */
  width: number;
  lang: Lang;
  times?: TimeMode;
  /** Ids of the folds that stand open. */
  open?: ReadonlySet<string>;
  /** Rows of folds that came without them, by the fold's id. */
  given?: ReadonlyMap<string, Row[]>;
  measure?: Measure;
}

const NOTHING: ReadonlySet<string> = new Set();
const NO_ROWS: ReadonlyMap<string, Row[]> = new Map();

function spanOf(rows: Row[]): number {
  const last = rows[rows.length - 1];
  if (!last) return 0;
  return last.at + Math.max(0, last.kind === 'fold' || last.kind === 'gap' ? last.duration : 0);
}

function needsOf(ladder: Ladder, states: Placed[], ruler: Ruler): Needs {
  const lanes = ladder.lanes?.length ?? 0;
  const sides = (ladder.timers ?? []).map((t) => timerSide(t, lanes));
  return {
    leftWords: stateWidth(states, 0, ruler),
    rightWords: lanes > 1 ? stateWidth(states, lanes - 1, ruler) : 0,
    leftTimers: sides.includes('left'),
    rightTimers: sides.includes('right'),
  };
}

/** Lays a ladder out. */
export function layout(ladder: Ladder, options: LayoutOptions): Scene {
  const rows = ladder.rows ?? [];
  const states = drawable(ladder);
  const times = options.times ?? 'absolute';
  const ruler = new Ruler(options.measure ?? tableMeasure, options.lang);
  const clock = clockOf(ladder, spanOf(rows), times, options.lang);
  const c = columns(ladder, Math.max(280, Math.round(options.width)), needsOf(ladder, states, ruler), clock, ruler);
  const lanes = ladder.lanes ?? [];
  const barred = lanes.map((_, i) => states.some((s) => s.lane === i && hasBar(s)));
  const sheet: Sheet = { width: c.width, lang: options.lang, lanes, c, ruler, clock, times, bars: [], barred };
  const strips = innerStates(states, lanes.length, c.narrow);
  const items = plan(ladder, { open: options.open ?? NOTHING, given: options.given ?? NO_ROWS, strips });
  return new Scene(ladder, sheet, items, states);
}

/** A ladder with its places: draws any stretch of its height. */
export class Scene {
  readonly width: number;
  readonly height: number;
  readonly lang: Lang;
  readonly title: string;
  readonly columns: Columns;
  readonly items: readonly Item[];
  /** Where the lanes begin and end. */
  readonly top: number;
  readonly bottom: number;
  private readonly axis: Axis;
  private readonly ends: Mark[];
  private readonly beside: Mark[];
  private readonly pictures = new Map<number, Picture>();
  private readonly before: Int32Array;
  private ids: Map<string, number> | null = null;

  constructor(
    readonly ladder: Ladder,
    private readonly sheet: Sheet,
    items: Item[],
    private readonly states: Placed[],
  ) {
    const { c, width, ruler, clock } = sheet;
    this.width = width;
    this.lang = sheet.lang;
    this.title = say(ladder.title, sheet.lang);
    this.columns = c;
    this.items = items;
    const head = header(ladder, c, width, clock, ruler);
    this.top = head.top;
    this.before = previous(items);
    this.bottom = place(sheet, items, this.before, head.top + 14) + 8;
    this.axis = new Axis(items);
    sheet.bars = barsOf(states, this.axis, sheet.lanes.length, sheet.lang);
    const foot = footer(ladder, c, width, this.bottom, ruler);
    this.ends = [...head.marks, ...foot.marks];
    this.height = Math.ceil(this.bottom + foot.height);
    this.beside = this.outside();
  }

  /** State words and timer brackets beside the outer lanes. */
  private outside(): Mark[] {
    const s = this.sheet;
    const last = s.lanes.length - 1;
    const brackets = bracketsOf(this.ladder, this.axis, s);
    const taken: Taken = { circles: [], brackets, words: [], lines: foldLines(this.items) };
    for (const item of this.items) {
      if (!item.marks.length) continue;
      const p = circlePlace(s, item);
      if (p.lane === 0 && p.side < 0) taken.circles.push({ side: 'left', y: p.y });
      if (p.lane === last && p.side > 0) taken.circles.push({ side: 'right', y: p.y });
    }
    return [...stateWords(s, this.states, this.axis, taken), ...bracketMarks(s, brackets, taken.lines)];
  }

  /** The marks of one item. */
  picture(index: number): Picture {
    const seen = this.pictures.get(index);
    if (seen) return seen;
    const before = this.before[index] < 0 ? undefined : this.items[this.before[index]];
    const made = draw(this.sheet, this.items[index], before);
    if (this.pictures.size > 2000) this.pictures.clear();
    this.pictures.set(index, made);
    return made;
  }

  /** Index of the item at a height. */
  indexAt(y: number): number {
    let low = 0;
    let high = this.items.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.items[middle].top <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Index of the item with an id; -1. */
  indexOfId(id: string): number {
    this.ids ??= new Map(this.items.map((item, i) => [item.id, i]));
    return this.ids.get(id) ?? -1;
  }

  /** When the row stood that a row's time difference counts from; null for none. */
  beforeAt(index: number): number | null {
    const before = this.before[index] ?? -1;
    return before < 0 ? null : this.items[before].lastAt;
  }

  /** Index of the item that shows a packet, or of the fold that hides it; -1. */
  indexOf(packet: number): number {
    const exact = this.items.findIndex((i) => i.kind === 'packet' && i.row.number === packet);
    if (exact >= 0) return exact;
    return this.items.findIndex((i) => i.kind === 'fold' && holds(i, packet));
  }

  /** Everything between two heights, in drawing order. */
  view(from = 0, to = this.height): View {
    const pictures: Picture[] = [];
    const first = this.items.length ? this.indexAt(from) : 0;
    for (let i = Math.max(0, first - 1); i < this.items.length && this.items[i].top <= to; i++)
      pictures.push(this.picture(i));
    const last = Math.min(this.items.length, Math.max(0, first - 1) + pictures.length);
    return {
      ground: pictures.flatMap((p) => p.ground),
      lanes: this.laneMarks(Math.max(0, first - 1), last, from, to),
      over: [...this.ends, ...this.beside].filter((m) => touches(m, from, to)),
      pictures,
    };
  }

  /** Rail, lanes and state bars between two heights, cut where an arrow passes. */
  private laneMarks(first: number, last: number, from: number, to: number): Mark[] {
    const s = this.sheet;
    const cuts: Cut[][] = s.lanes.map(() => []);
    const rail: Cut[] = [];
    const ticks: number[] = [];
    for (let i = first; i < last; i++) collectCuts(s, this.items[i], cuts, rail, ticks);
    const y0 = Math.max(from - 40, this.top);
    const y1 = Math.min(to + 40, this.bottom);
    const marks = s.c.narrow ? [] : this.railMarks(rail, ticks, y0, y1);
    s.lanes.forEach((lane, i) => {
      const bars = s.bars[i].filter((b) => b.bottom > y0 && b.top < y1);
      const covered = [...cuts[i], ...bars.map((b): Cut => [b.top, b.bottom])];
      const cls = `lane${lane.capturedHere ? ' here' : ''}${lane.kind === 'nat' ? ' nat' : ''}`;
      const dx = lane.kind === 'proxy' ? [-2.5, 2.5] : [0];
      for (const d of dx) marks.push(path(lineWithCuts(s.c.x[i] + d, y0, y1, covered), cls));
      for (const b of bars) marks.push(...barMarks(s.c.x[i], b, cuts[i], y0, y1));
    });
    return marks;
  }

  private railMarks(cuts: Cut[], ticks: number[], y0: number, y1: number): Mark[] {
    const timed = this.items.filter((_, i) => i === 0 || i === this.items.length - 1);
    if (!timed.length) return [];
    const top = Math.max(y0, this.items.find((i) => i.kind !== 'strip')?.y ?? y0);
    const bottom = Math.min(y1, this.items[this.items.length - 1].lastY);
    const x = this.columns.rail;
    const line = path(lineWithCuts(x, top, bottom, cuts), 'rail');
    return [line, ...ticks.map((y) => path(`M${x - 3} ${f(y)}h6`, 'tick'))];
  }
}

/** Heights of the lines above and below folds. */
function foldLines(items: readonly Item[]): number[] {
  return items.flatMap((item) => {
    if (item.kind === 'fold') return [item.top, item.top + item.height];
    if (item.kind === 'foldhead') return [item.top];
    return item.kind === 'foldfoot' ? [item.top + item.height] : [];
  });
}

type Cut = [number, number];

function holds(item: Item, packet: number): boolean {
  if (item.row.foldFirst > 0) return packet >= item.row.foldFirst && packet <= item.row.foldLast;
  return packetsOf(item).includes(packet);
}

/** Gives every item its top, height and time line; returns the lowest edge. */
function place(s: Sheet, items: Item[], before: Int32Array, from: number): number {
  const scale = s.times === 'scale' ? scaleOf(items, before) : 0;
  let y = Math.round(from);
  items.forEach((item, i) => {
    const extent = extentOf(s, item);
    const last = items[before[i]];
    const wanted = last && scale ? last.lastY + (item.row.at - last.lastAt) * scale - extent.first : y;
    const more = Math.max(0, Math.round(wanted - y));
    item.top = y;
    item.lead = more;
    item.y = y + more + Math.round(extent.first);
    item.lastY = y + more + Math.round(extent.last);
    item.height = more + Math.round(extent.height);
    y += item.height;
  });
  return y;
}

const LONGEST_WAIT = 220;

/** Px per ns: the longest wait that is no gap takes 220 px. */
function scaleOf(items: Item[], before: Int32Array): number {
  let longest = 0;
  items.forEach((item, i) => {
    const last = items[before[i]];
    if (last) longest = Math.max(longest, item.row.at - last.lastAt);
  });
  return longest > 0 ? LONGEST_WAIT / longest : 0;
}

/** For every row the one before it that its time difference counts from; -1 after a gap. */
function previous(items: Item[]): Int32Array {
  const out = new Int32Array(items.length).fill(-1);
  let last = -1;
  items.forEach((item, i) => {
    if (item.kind === 'packet' || item.kind === 'event') out[i] = last;
    if (item.kind === 'packet' || item.kind === 'event' || item.kind === 'fold') last = i;
    else if (item.kind === 'gap') last = -1;
  });
  return out;
}

/** Where an item interrupts the lanes and the rail, and its tick. */
function collectCuts(s: Sheet, item: Item, cuts: Cut[][], rail: Cut[], ticks: number[]): void {
  if (item.kind === 'gap') {
    for (const c of cuts) c.push([item.y - 10, item.y + 10]);
    rail.push([item.y - 10, item.y + 10]);
  } else if (item.kind === 'packet') {
    ticks.push(item.y);
    passes(s, item.row, item.y, cuts);
  } else if (item.kind === 'event') ticks.push(item.y);
  else if (item.kind === 'fold') foldCuts(s, item, cuts, ticks);
}

function foldCuts(s: Sheet, item: Item, cuts: Cut[][], ticks: number[]): void {
  if (!item.groups.length) ticks.push(item.y);
  let y = item.y;
  for (const g of item.groups) {
    ticks.push(y);
    for (const [k, row] of g.entries()) passes(s, small(row), y + 19 * k, cuts);
    y += Math.max(28, 4 + 19 * g.length);
  }
}

/** An arrow that passes a lane cuts it, 5 px each side. */
function passes(s: Sheet, row: Row, y: number, cuts: Cut[][]): void {
  const low = Math.min(row.from, row.to);
  const high = Math.max(row.from, row.to);
  if (high - low < 2) return;
  const a = arrowOf(s, row, y);
  for (let k = low + 1; k < high; k++) {
    const at = heightAt(a, s.c.x[k]);
    cuts[k].push([at - 5, at + 5]);
  }
}

function lineWithCuts(x: number, top: number, bottom: number, cuts: Cut[]): string {
  let d = '';
  let y = top;
  for (const [a, b] of [...cuts].sort((p, q) => p[0] - q[0])) {
    if (a > bottom) break;
    if (a > y) d += `M${f(x)} ${f(y)}V${f(a)}`;
    y = Math.max(y, b);
  }
  return y < bottom ? `${d}M${f(x)} ${f(y)}V${f(bottom)}` : d || `M${f(x)} ${f(top)}`;
}

const BAR: Record<Bar['half'], [number, number]> = { whole: [-4, 8], left: [-5, 5], right: [0, 5] };

function barMarks(lane: number, bar: Bar, cuts: Cut[], y0: number, y1: number): Mark[] {
  const marks: Mark[] = [];
  const [left, width] = BAR[bar.half];
  let y = Math.max(bar.top, y0);
  const end = Math.min(bar.bottom, y1);
  for (const [a, b] of [...cuts].sort((p, q) => p[0] - q[0])) {
    if (a <= y || a >= end) continue;
    marks.push(rect(lane + left, y, width, a - y, 0, bar.cls, bar.title));
    y = b;
  }
  if (end > y) marks.push(rect(lane + left, y, width, end - y, 0, bar.cls, bar.title));
  return marks;
}

/** Whether a mark with a height of its own lies between two heights. */
function touches(mark: Mark, from: number, to: number): boolean {
  switch (mark.kind) {
    case 'text':
    case 'circle':
      return mark.y > from - 40 && mark.y < to + 40;
    case 'rect':
      return mark.y + mark.h > from - 40 && mark.y < to + 40;
    default:
      return true;
  }
}
