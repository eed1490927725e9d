// Where the lanes stand for a width, and what stands above and below them.

import type { Ruler } from './fit';
import { circle, type Mark, type Run } from './scene';
import type { Clock } from './time';
import type { Ladder, Lane } from './types';
import { say, word } from './words';

export interface Columns {
  narrow: boolean;
  /** The width laid out for; more than there is when the lanes are too many. */
  width: number;
  /** Lane positions. */
  x: number[];
  /** Right edge of the numbers and of the times; the time rail. Unused when narrow. */
  number: number;
  time: number;
  rail: number;
  /** Room right of the last lane, and whether brackets stand there. */
  right: number;
}

/** What a ladder needs beside its outer lanes. */
export interface Needs {
  /** Widths of the state words beside the first and the last lane. */
  leftWords: number;
  rightWords: number;
  leftTimers: boolean;
  rightTimers: boolean;
}

const NARROW_BELOW = 520;
const SMALLEST_INTERVAL = 112;
const SMALLEST_NARROW = 64;

export function columns(ladder: Ladder, width: number, needs: Needs, clock: Clock, ruler: Ruler): Columns {
  const count = ladder.lanes?.length ?? 0;
  const wide = wideColumns(ladder, count, width, needs, clock, ruler);
  const interval = count > 1 ? wide.x[1] - wide.x[0] : SMALLEST_INTERVAL;
  return width >= NARROW_BELOW && interval >= SMALLEST_INTERVAL
    ? wide
    : narrowColumns(ladder, count, width, needs, ruler);
}

function spread(first: number, last: number, count: number): number[] {
  if (count <= 1) return [first];
  return Array.from({ length: count }, (_, i) => Math.round(first + ((last - first) * i) / (count - 1)));
}

function lastNumber(ladder: Ladder): string {
  const rows = ladder.rows ?? [];
  let most = 1;
  for (const row of rows) if (row.number > most || row.foldLast > most) most = Math.max(row.number, row.foldLast);
  return String(most);
}

function wideColumns(ladder: Ladder, count: number, width: number, needs: Needs, clock: Clock, ruler: Ruler): Columns {
  const rows = ladder.rows ?? [];
  const number = Math.max(22, 6 + ruler.width(lastNumber(ladder), 'number'));
  const times = [rows[0], rows[rows.length - 1]].map((r) => (r ? ruler.width(clock.row(r.at), 'time') : 0));
  const time = Math.ceil(Math.max(102, number + 8 + Math.max(...times)));
  const rail = time + 10;
  const left = Math.max(64, needs.leftWords && Math.max(102, needs.leftWords + 22), needs.leftTimers ? 118 : 0);
  const right = Math.max(
    76,
    needs.rightWords && needs.rightWords + 22,
    needs.rightTimers ? (count > 2 ? 118 : 156) : 0,
  );
  const first = count === 1 ? rail + Math.round((width - rail) * 0.28) : rail + Math.round(left);
  return { narrow: false, width, x: spread(first, width - Math.round(right), count), number, time, rail, right };
}

function narrowColumns(ladder: Ladder, count: number, width: number, needs: Needs, ruler: Ruler): Columns {
  const first = Math.round(Math.max(62, 8 + ruler.width(`#${lastNumber(ladder)}`, 'number') + 34));
  const right = count === 2 && (needs.rightTimers || needs.leftTimers) ? 76 : 30;
  const wanted = Math.max(width, first + SMALLEST_NARROW * (count - 1) + right);
  return { narrow: true, width: wanted, x: spread(first, wanted - right, count), number: 8, time: 0, rail: 0, right };
}

/** The stretch of the width that belongs to a lane's own text. */
export function region(c: Columns, lane: number, width: number): [number, number] {
  const left = lane === 0 ? 0 : (c.x[lane - 1] + c.x[lane]) / 2 + 6;
  const right = lane === c.x.length - 1 ? width : (c.x[lane] + c.x[lane + 1]) / 2 - 6;
  return [left, right];
}

/** The place of a centred text that stays in its region. */
export function centre(x: number, textWidth: number, [left, right]: [number, number]): number {
  return Math.min(Math.max(x, left + textWidth / 2), right - textWidth / 2);
}

const size = ([left, right]: [number, number]): number => right - left;

/** The stretch below an address: the first lane leaves room for the clock's head. */
const under = (c: Columns, lane: number, [left, right]: [number, number]): [number, number] =>
  lane === 0 && !c.narrow ? [Math.max(left, c.time + 8), right] : [left, right];

interface Heading {
  role: string[];
  address: Run[];
  below: { text: string; tap: boolean }[];
}

function addressRuns(lane: Lane, room: number, ruler: Ruler): Run[] {
  const six = lane.address.includes(':');
  const port = lane.port > 0 ? `:${lane.port}` : '';
  const whole = six && port ? `[${lane.address}]` : lane.address;
  const full: Run[] = [
    { text: whole, style: 'address' },
    { text: port, style: 'port' },
  ];
  if (port && ruler.runs(full) <= room) return full;
  const style = ruler.width(lane.address, 'address') <= room ? 'address' : 'narrowaddress';
  return [{ text: ruler.cutMiddle(lane.address, style, room), style }];
}

function heading(lane: Lane, room: number, under: number, same: boolean, ruler: Ruler): Heading {
  const address = addressRuns(lane, room, ruler);
  const below: Heading['below'] = [];
  if (lane.capturedHere) below.push({ text: word('capturedHere', ruler.lang), tap: true });
  if (lane.name) below.push({ text: ruler.cutMiddle(lane.name, 'small', under), tap: false });
  const note = say(lane.note, ruler.lang);
  for (const text of ruler.wrap(note, 'small', under, 3)) below.push({ text, tap: false });
  if (same && address.length === 1 && lane.port > 0) below.unshift({ text: `:${lane.port}`, tap: false });
  return { role: ruler.wrap(say(lane.role, ruler.lang), 'role', room, 3), address, below };
}

const same = (lanes: Lane[], lane: Lane): boolean => lanes.filter((l) => l.address === lane.address).length > 1;

/** Role, address and note above every lane; returns the height they take. */
export function header(
  ladder: Ladder,
  c: Columns,
  width: number,
  clock: Clock,
  ruler: Ruler,
): { marks: Mark[]; top: number } {
  const lanes = ladder.lanes ?? [];
  const regions = lanes.map((_, i) => region(c, i, width));
  const heads = lanes.map((lane, i) =>
    heading(lane, size(regions[i]), size(under(c, i, regions[i])), same(lanes, lane), ruler),
  );
  const extra = 14 * (Math.max(1, ...heads.map((h) => h.role.length)) - 1);
  const lines = Math.max(1, ...heads.map((h) => h.below.length));
  const marks = heads.flatMap((h, i) => headMarks(h, i, c, regions[i], extra, ruler));
  if (!c.narrow && clock.head) {
    marks.push(ruler.text(c.time, 52 + extra + 14 * (lines - 1), 'end', [{ text: clock.head, style: 'time' }]));
  }
  return { marks, top: 64 + extra + 14 * (lines - 1) };
}

function headMarks(h: Heading, lane: number, c: Columns, own: [number, number], extra: number, ruler: Ruler): Mark[] {
  const x = c.x[lane];
  const line = (y: number, runs: Run[]) => ruler.text(centre(x, ruler.runs(runs), own), y, 'middle', runs);
  const marks: Mark[] = h.role.map((text, k) =>
    line(14 + extra - 14 * (h.role.length - 1 - k), [{ text, style: 'role' }]),
  );
  marks.push(line(33 + extra, h.address));
  h.below.forEach((b, k) => {
    const y = 52 + extra + 14 * k;
    const place = under(c, lane, own);
    if (b.tap) marks.push(...tap(x, y, b.text, place, ruler));
    else
      marks.push(
        ruler.text(centre(x, ruler.width(b.text, 'small'), place), y, 'middle', [{ text: b.text, style: 'small' }]),
      );
  });
  return marks;
}

/** The sign of the capture point, and its words. */
function tap(x: number, y: number, text: string, own: [number, number], ruler: Ruler): Mark[] {
  const textWidth = ruler.width(text, 'small');
  const left = centre(x, textWidth + 14, own) - (textWidth + 14) / 2;
  return [
    circle(left + 4.5, y - 4, 4.5, 'tap'),
    circle(left + 4.5, y - 4, 1.8, 'tapdot'),
    ruler.text(left + 14, y, 'start', [{ text, style: 'small' }]),
  ];
}

/** What each lane sent and got, below its end; returns the height it takes. */
export function footer(
  ladder: Ladder,
  c: Columns,
  width: number,
  y: number,
  ruler: Ruler,
): { marks: Mark[]; height: number } {
  const marks: Mark[] = [];
  let lines = 0;
  (ladder.lanes ?? []).forEach((lane, i) => {
    const own = region(c, i, width);
    const style = lane.silent ? 'strong' : 'small';
    const texts = ruler.wrap(say(lane.foot, ruler.lang), style, own[1] - own[0], 3);
    lines = Math.max(lines, texts.length);
    texts.forEach((text, k) => {
      const x = centre(c.x[i], ruler.width(text, style), own);
      marks.push(ruler.text(x, y + 18 + 14 * k, 'middle', [{ text, style }]));
    });
  });
  return { marks, height: lines ? 12 + 14 * lines : 4 };
}
