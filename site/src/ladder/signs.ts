// What rows have in common: number and time at the left, the circles of the
// sentences, the field that answers to the pointer.

import { isLoop } from './notes';
import { type Item, packetsOf, sentencesOf } from './plan';
import { circle, group, type Mark, type Picture, rect } from './scene';
import { arrowOf, LOOP_FALL, loopReach, type Sheet } from './sheet';
import { duration } from './time';

/** A wait in words; when narrow, with no more digits than there is room for. */
export function wait(s: Sheet, ns: number): string {
  const exact = duration(ns, s.lang);
  if (!s.c.narrow || s.ruler.width(exact, 'delta') <= s.c.x[0] - 20) return exact;
  const unit = Math.abs(ns) < 1e6 ? 1e3 : Math.abs(ns) < 1e9 ? 1e6 : Math.abs(ns) < 10e9 ? 1e8 : 1e9;
  return duration(Math.round(ns / unit) * unit, s.lang);
}

/** Number, time and the time since the row before, left of the lanes. */
export function gutter(s: Sheet, item: Item, before: Item | undefined): Mark[] {
  const { row, y } = item;
  const marks: Mark[] = [];
  const known = row.number > 0 && !row.inferred;
  const name = known ? (s.c.narrow ? `#${row.number}` : String(row.number)) : '–';
  marks.push(s.ruler.text(s.c.number, y + 4, s.c.narrow ? 'start' : 'end', [{ text: name, style: 'number' }]));
  const since = before ? row.at - before.lastAt : 0;
  if (s.c.narrow) {
    if (before)
      marks.push(s.ruler.text(8, deltaHeight(item, before), 'start', [{ text: wait(s, since), style: 'delta' }]));
    return marks;
  }
  if (s.times === 'delta') {
    if (before) marks.push(s.ruler.text(s.c.time, y + 4, 'end', [{ text: wait(s, since), style: 'time' }]));
    return marks;
  }
  const time = row.approximate ? `≈ ${s.clock.rough(row.at)}` : s.clock.row(row.at);
  marks.push(s.ruler.text(s.c.time, y + 4, 'end', [{ text: time, style: 'time' }]));
  if (before)
    marks.push(s.ruler.text(s.c.time, deltaHeight(item, before), 'end', [{ text: wait(s, since), style: 'delta' }]));
  return marks;
}

/** The time between two rows stands on the edge between them. */
const deltaHeight = (item: Item, before: Item): number => item.top + item.lead / 2 + (before.kind === 'fold' ? 13 : 4);

const CIRCLE = 9.5;

/** The sentences that a sign has room for, and half its width. */
const signed = (s: Sheet, item: Item): number[] => item.marks.slice(0, s.c.narrow ? 2 : 3);
const signHalf = (s: Sheet, item: Item): number => CIRCLE + 5.5 * (Math.max(1, signed(s, item).length) - 1);

/** The number of the sentence in a circle; several sentences share a longer sign. */
export function circles(s: Sheet, item: Item): Mark[] {
  const shown = signed(s, item);
  if (!shown.length) return [];
  const { x, y } = circlePlace(s, item);
  const half = signHalf(s, item);
  const ground =
    shown.length === 1 ? circle(x, y, CIRCLE, '') : rect(x - half, y - CIRCLE, 2 * half, 2 * CIRCLE, CIRCLE, '');
  const numbers = shown.map((sentence, k) => {
    const at = x + 11 * (k - (shown.length - 1) / 2);
    return s.ruler.text(at, y + 4, 'middle', [{ text: String(sentence), style: 'callout' }]);
  });
  return [group('co', [ground, ...numbers])];
}

/** Beyond a lane by the sign's width, but on the page. */
function beyond(s: Sheet, item: Item, lane: number, side: -1 | 1): number {
  const space = s.c.narrow && item.marks.length > 1 ? 1 : 10.5;
  const half = signHalf(s, item);
  return Math.min(Math.max(s.c.x[lane] + side * (space + half), half), s.width - half);
}

/** Where the circle of an item stands: beyond the tip, outside the lane. */
export function circlePlace(s: Sheet, item: Item): { x: number; y: number; lane: number; side: -1 | 1 } {
  const { row, y } = item;
  if (item.kind === 'event') {
    const side = row.lane === 0 && s.lanes.length > 1 ? -1 : 1;
    return { x: beyond(s, item, row.lane, side), y, lane: row.lane, side };
  }
  if (item.kind === 'fold') {
    const lane = s.lanes.length - 1;
    return { x: beyond(s, item, lane, 1), y: item.top + 17, lane, side: 1 };
  }
  if (isLoop(row)) {
    const side = -Math.sign(loopReach(s, row.from)) as 1 | -1;
    return { x: beyond(s, item, row.from, side), y: y + LOOP_FALL, lane: row.from, side };
  }
  const a = arrowOf(s, row, y);
  return { x: beyond(s, item, row.to, a.sign), y: a.y2, lane: row.to, side: a.sign };
}

/** The field that answers to the pointer, and the band of evidence. */
export function fields(s: Sheet, item: Item, top: number, bottom: number): { hit: Mark; ground: Mark[] } {
  const hit = rect(0, top, s.width, bottom - top, 5, 'hit');
  if (!item.row.evidence) return { hit, ground: [] };
  return { hit, ground: [rect(0, top, s.width, bottom - top, 5, 'band'), rect(0, top, 3, bottom - top, 1.5, 'bar')] };
}

export function picture(item: Item, role: Picture['role'], ground: Mark[], marks: Mark[]): Picture {
  const cls = `row${item.row.evidence && item.kind === 'packet' ? ' ev' : ''}`;
  const evidence = item.row.evidence && role === 'packet';
  const { id, top, height } = item;
  return {
    id,
    role,
    cls,
    top,
    height,
    packets: packetsOf(item),
    sentences: sentencesOf(item),
    evidence,
    ground,
    marks,
  };
}
