// One item of the plan, drawn: bands, gutter, arrow, label, notes, circles.

import { againSign, arrowClass, arrowMarks, ends, heightAt, loopMarks } from './arrow';
import { label } from './fit';
import { type Item, packetsOf, sentencesOf } from './plan';
import { type Anchor, circle, f, group, type Mark, type Picture, path, type Run, rect, type StyleName } from './scene';
import { arrowOf, base, inset, LOOP_FALL, loopReach, room, type Sheet, signOf, small } from './sheet';
import { groupTop, stripMarks } from './states';
import { duration, roughDuration } from './time';
import type { Row } from './types';
import { say, showPackets, word } from './words';

const LINE = 14;

interface Line {
  x: number;
  y: number;
  anchor: Anchor;
  text: string;
  style: StyleName;
}

const lineMarks = (s: Sheet, lines: Line[]): Mark[] =>
  lines.map((l) => s.ruler.text(l.x, l.y, l.anchor, [{ text: l.text, style: l.style }]));

const isLoop = (row: Row): boolean => row.from === row.to;

/** Notes under both ends of an arrow, clear of the line and of each other. */
function notes(s: Sheet, row: Row, y: number): Line[] {
  if (isLoop(row)) return loopNotes(s, row, y);
  const a = arrowOf(s, row, y);
  const sameInterval = row.from + a.sign === row.to;
  const sender = senderNotes(s, row, y);
  const receiver = receiverNotes(s, row, y);
  if (sender.length && receiver.length && sameInterval) {
    const widest = (lines: Line[]) => Math.max(...lines.map((l) => s.ruler.width(l.text, l.style)));
    if (widest(sender) + widest(receiver) + 16 > room(s, row.from, a.sign) - 6) {
      const below = sender[sender.length - 1].y + LINE - receiver[0].y;
      if (below > 0) for (const l of receiver) l.y += below;
    }
  }
  return [...sender, ...receiver];
}

/** The sender's note, led by what of a long name had no room above the line. */
function senderText(s: Sheet, row: Row): string {
  const note = say(row.senderNote, s.lang);
  const space = room(s, row.from, signOf(row));
  if (row.class !== 'other' || s.ruler.width(row.flags, 'flags') <= space) return note;
  const rest = row.flags.split(' ').slice(1).join(' ');
  return [rest, note].filter(Boolean).join(s.lang === 'zh' ? '，' : '; ');
}

function senderNotes(s: Sheet, row: Row, y: number): Line[] {
  const a = arrowOf(s, row, y);
  const texts = s.ruler.wrap(senderText(s, row), 'note', room(s, row.from, a.sign), 8);
  if (!texts.length) return [];
  const x = s.c.x[row.from] + a.sign * inset(s, row.from);
  const far = x + a.sign * s.ruler.width(texts[0], 'note');
  const first = Math.max(a.y1 + 17, heightAt(a, far) + 13);
  const anchor = a.sign > 0 ? 'start' : 'end';
  return texts.map((text, k) => ({ x, y: first + LINE * k, anchor, text, style: 'note' }));
}

function receiverNotes(s: Sheet, row: Row, y: number): Line[] {
  const a = arrowOf(s, row, y);
  const back = -a.sign as 1 | -1;
  const style: StyleName = row.ignored ? 'ignored' : 'note';
  const texts = s.ruler.wrap(say(row.receiverNote, s.lang), style, room(s, row.to, back), 8);
  const x = s.c.x[row.to] + back * inset(s, row.to);
  const anchor = a.sign > 0 ? 'end' : 'start';
  return texts.map((text, k) => ({ x, y: a.y2 + 16 + LINE * k, anchor, text, style }));
}

function loopNotes(s: Sheet, row: Row, y: number): Line[] {
  const sign = Math.sign(loopReach(s, row.from)) as 1 | -1;
  const space = room(s, row.from, sign);
  const x = s.c.x[row.from] + sign * inset(s, row.from);
  const anchor = sign > 0 ? 'start' : 'end';
  const texts: [string, StyleName][] = [
    ...s.ruler.wrap(say(row.senderNote, s.lang), 'note', space, 2).map((t) => [t, 'note'] as [string, StyleName]),
    ...s.ruler
      .wrap(say(row.receiverNote, s.lang), row.ignored ? 'ignored' : 'note', space, 2)
      .map((t) => [t, row.ignored ? 'ignored' : 'note'] as [string, StyleName]),
  ];
  return texts.map(([text, style], k) => ({ x, y: y + LOOP_FALL + 16 + LINE * k, anchor, text, style }));
}

const lowest = (lines: Line[], none: number): number => lines.reduce((m, l) => Math.max(m, l.y), none);

/** Room a packet takes above and below its time line. */
export function packetExtent(s: Sheet, item: Item): { above: number; below: number } {
  const { row } = item;
  const b = base(s, item);
  if (isLoop(row)) {
    const bottom = lowest(notes(s, row, 0), LOOP_FALL + 4);
    return { above: Math.max(26, b - 6), below: Math.max(b + 6, bottom + 14) };
  }
  if (item.dense) {
    const { start, end } = ends(row);
    return { above: Math.max(b, 20 - start), below: Math.max(b, end + 12) };
  }
  const a = arrowOf(s, row, 0);
  const above = Math.max(b, 20 - a.y1);
  const bottom = lowest(notes(s, row, 0), a.y2 + 8) + 10;
  const hops = item.hops.length ? hopHeight(s, item, 0, item.hops.length - 1) + 7 : 0;
  return { above, below: Math.max(b, bottom, hops) };
}

/** Height of the sender's end of hop k. */
function hopHeight(s: Sheet, item: Item, y: number, k: number): number {
  if (k < 0) return y;
  const a = arrowOf(s, item.row, y);
  const hop = item.hops[k];
  const back = signOf(hop) !== a.sign;
  const under = back ? lowest(notes(s, item.row, y), a.y2) - a.y2 : 0;
  const label = back && item.labelled ? 13 * hopTexts(s, item.hops[0]).length : 0;
  return label + a.y2 + under + (s.c.narrow ? 16 : 17) + 20 * k;
}

function hopMarks(s: Sheet, item: Item): Mark[] {
  return item.hops.flatMap((hop, k) => {
    const y = hopHeight(s, item, item.y, k);
    const sign = signOf(hop);
    const x1 = s.c.x[hop.from] + sign * 7;
    const x2 = s.c.x[hop.to] - sign * 8;
    const marks: Mark[] = [
      path(`M${f(x1)} ${f(y)}L${f(x2)} ${f(y + 6)}`, 'unseen'),
      path(`M${f(x2 - sign * 2)} ${f(y + 2)}l${sign * 6.5} 4.2l${-sign * 7} 3.6`, 'unseen-h'),
    ];
    return k === 0 && item.labelled ? [...marks, ...hopLabel(s, hop, y)] : marks;
  });
}

/** Where a hop's words begin: beyond the sentence's sign. */
const hopLead = (s: Sheet): number => (s.c.narrow ? 36 : 43);

function hopTexts(s: Sheet, hop: Row): string[] {
  const space = Math.abs(s.c.x[hop.from + signOf(hop)] - s.c.x[hop.from]) - hopLead(s) - 8;
  return s.ruler.wrap(say(hop.label, s.lang), 'small', space, 3);
}

function hopLabel(s: Sheet, hop: Row, y: number): Mark[] {
  const sign = signOf(hop);
  const x = s.c.x[hop.from] + sign * hopLead(s);
  const texts = hopTexts(s, hop);
  const lines = texts.map(
    (text, k): Line => ({
      x,
      y: y - 5 - 13 * (texts.length - 1 - k),
      anchor: sign > 0 ? 'start' : 'end',
      text,
      style: 'small',
    }),
  );
  return lineMarks(s, lines);
}

/** Number, time and the time since the row before, left of the lanes. */
function gutter(s: Sheet, item: Item, before: Item | undefined): Mark[] {
  const { row, y } = item;
  const marks: Mark[] = [];
  const known = row.number > 0 && !row.inferred;
  const name = known ? (s.c.narrow ? `#${row.number}` : String(row.number)) : '–';
  marks.push(s.ruler.text(s.c.number, y + 4, s.c.narrow ? 'start' : 'end', [{ text: name, style: 'number' }]));
  const since = before ? row.at - before.lastAt : 0;
  if (s.c.narrow) {
    if (before)
      marks.push(
        s.ruler.text(8, deltaHeight(item, before), 'start', [{ text: duration(since, s.lang), style: 'delta' }]),
      );
    return marks;
  }
  if (s.times === 'delta') {
    if (before) marks.push(s.ruler.text(s.c.time, y + 4, 'end', [{ text: duration(since, s.lang), style: 'time' }]));
    return marks;
  }
  const time = row.approximate ? `≈ ${s.clock.rough(row.at)}` : s.clock.row(row.at);
  marks.push(s.ruler.text(s.c.time, y + 4, 'end', [{ text: time, style: 'time' }]));
  if (before)
    marks.push(
      s.ruler.text(s.c.time, deltaHeight(item, before), 'end', [{ text: duration(since, s.lang), style: 'delta' }]),
    );
  return marks;
}

/** The time between two rows stands on the edge between them. */
const deltaHeight = (item: Item, before: Item): number => item.top + item.lead / 2 + (before.kind === 'fold' ? 13 : 4);

const CIRCLE = 9.5;

/** The sentences that a sign has room for, and half its width. */
const signed = (s: Sheet, item: Item): number[] => item.marks.slice(0, s.c.narrow ? 2 : 3);
const signHalf = (s: Sheet, item: Item): number => CIRCLE + 5.5 * (Math.max(1, signed(s, item).length) - 1);

/** The number of the sentence in a circle; several sentences share a longer sign. */
function circles(s: Sheet, item: Item): Mark[] {
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

/** How far a label reaches from its lane. */
function labelReach(s: Sheet, item: Item): number {
  const { row } = item;
  const again = row.repeated ? 15 : 0;
  return (
    inset(s, row.from) + again + s.ruler.runs(label(row, item.nth, room(s, row.from, signOf(row)) - again, s.ruler))
  );
}

function labelMarks(s: Sheet, item: Item): Mark[] {
  const { row, y } = item;
  const loop = isLoop(row);
  const sign = loop ? (Math.sign(loopReach(s, row.from)) as 1 | -1) : signOf(row);
  const y1 = loop ? y : arrowOf(s, row, y).y1;
  const again = row.repeated ? 15 : 0;
  const x = s.c.x[row.from] + sign * inset(s, row.from);
  const runs = label(row, item.nth, room(s, row.from, sign) - again, s.ruler);
  const marks: Mark[] = [s.ruler.text(x + sign * again, y1 - 7, sign > 0 ? 'start' : 'end', runs, 'lb')];
  if (again) marks.push(againSign(x + sign * 5, y1 - 7));
  return marks;
}

function ring(s: Sheet, row: Row, y: number): Mark[] {
  if (!row.ring) return [];
  const a = arrowOf(s, row, y);
  const at = row.ring === 'from' ? [s.c.x[row.from], a.y1] : [s.c.x[row.to], isLoop(row) ? y + LOOP_FALL : a.y2];
  return [circle(at[0], at[1], 5, 'ring')];
}

/** The field that answers to the pointer, and the band of evidence. */
function fields(s: Sheet, item: Item, top: number, bottom: number): { hit: Mark; ground: Mark[] } {
  const hit = rect(0, top, s.width, bottom - top, 5, 'hit');
  if (!item.row.evidence) return { hit, ground: [] };
  return { hit, ground: [rect(0, top, s.width, bottom - top, 5, 'band'), rect(0, top, 3, bottom - top, 1.5, 'bar')] };
}

function picture(item: Item, role: Picture['role'], ground: Mark[], marks: Mark[]): Picture {
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

function drawPacket(s: Sheet, item: Item, before: Item | undefined): Picture {
  const { row, y } = item;
  const trim = item.dense ? 2 : base(s, item) > 30 ? 5 : 3;
  const { hit, ground } = fields(
    s,
    item,
    item.top + item.lead + trim,
    item.top + item.height - (item.dense ? 2 : base(s, item) > 30 ? 8.5 : 5),
  );
  const lines = isLoop(row)
    ? loopMarks(row, s.c.x[row.from], y, loopReach(s, row.from), LOOP_FALL)
    : arrowMarks(row, arrowOf(s, row, y), labelReach(s, item));
  const body = group(arrowClass(row), [...lines, ...labelMarks(s, item), ...lineMarks(s, notes(s, row, y))]);
  const marks = [hit, ...gutter(s, item, before), body, ...ring(s, row, y), ...circles(s, item)];
  return picture(item, 'packet', [...ground, ...hopMarks(s, item)], marks);
}

const ZIG = 'l-4 3.3l8 4.4l-8 4.6l8 4.4l-4 3.3';

/** Lines of a gap: how long in the first interval, why in the next. */
function gapLines(s: Sheet, item: Item, m: number): Line[] {
  const { row } = item;
  const strong = say(row.label, s.lang) || duration(row.duration, s.lang);
  const why = say(row.reason, s.lang);
  const x = s.c.x[0] + inset(s, 0) + 2;
  const space = room(s, 0, 1) - 4;
  const block = (texts: [string, StyleName][], left: number): Line[] =>
    texts.map(([text, style], k) => ({
      x: left,
      y: m + 4.5 + (k - (texts.length - 1) / 2) * 15,
      anchor: 'start',
      text,
      style,
    }));
  const first = s.ruler.wrap(strong, 'gap', space, 4).map((t) => [t, 'gap'] as [string, StyleName]);
  if (s.lanes.length > 2) {
    const second = s.ruler.wrap(why, 'note', room(s, 1, 1) - 4, 6).map((t) => [t, 'note'] as [string, StyleName]);
    return [...block(first, x), ...block(second, s.c.x[1] + inset(s, 1) + 2)];
  }
  const one = s.ruler.width(strong, 'gap') + 9 + s.ruler.width(why, 'note');
  if (why && first.length === 1 && one <= space) {
    const right = x + s.ruler.width(strong, 'gap') + 9;
    return [...block(first, x), ...block([[why, 'note']], right)];
  }
  const rest = s.ruler.wrap(why, 'note', space, 6).map((t) => [t, 'note'] as [string, StyleName]);
  return block([...first, ...rest], x);
}

/** Height of a gap's band. */
export function gapHeight(s: Sheet, item: Item): number {
  const lines = gapLines(s, item, 0);
  const rows = new Set(lines.map((l) => Math.round(l.y))).size;
  const tall = lines.length ? lowest(lines, 0) * 2 + 16 : 0;
  return Math.max(s.lanes.length > 2 || s.c.narrow ? 48 : 38, rows > 1 ? tall : 0);
}

export const gapMargin = (s: Sheet): number => (s.lanes.length > 2 || s.c.narrow ? 6 : 4);

function drawGap(s: Sheet, item: Item): Picture {
  const margin = gapMargin(s);
  const height = item.height - 2 * margin;
  const m = item.y;
  const marks: Mark[] = s.c.x.map((x) => path(`M${f(x)} ${f(m - 10)}${ZIG}`, 'zig'));
  marks.push(...lineMarks(s, gapLines(s, item, m)));
  if (!s.c.narrow) {
    marks.push(path(`M${f(s.c.rail)} ${f(m - 10)}${ZIG}`, 'zig'));
    const exact = (item.row.approximate ? roughDuration : duration)(item.row.duration, s.lang);
    marks.push(s.ruler.text(s.c.time, m + 4, 'end', [{ text: exact, style: 'deltabig' }]));
  }
  return picture(item, 'quiet', [rect(0, item.top + margin, s.width, height, 5, 'gapband')], marks);
}

/** Words of an event: its name above the lane's diamond, small print below. */
function eventLines(s: Sheet, item: Item, y: number): Line[] {
  const { row } = item;
  const side = (row.lane > 0 ? -1 : 1) as 1 | -1;
  const x = s.c.x[row.lane] + side * 16;
  const anchor = side < 0 ? 'end' : 'start';
  const space = room(s, row.lane, side) - 4;
  const name = s.ruler.wrap(say(row.label, s.lang), 'flags', space, 6);
  const why = s.ruler.wrap(say(row.reason, s.lang), 'note', space, 6);
  return [
    ...name.map((text, k): Line => ({ x, y: y - 8 - LINE * (name.length - 1 - k), anchor, text, style: 'flags' })),
    ...why.map((text, k): Line => ({ x, y: y + 17 + LINE * k, anchor, text, style: 'note' })),
  ];
}

export function eventExtent(s: Sheet, item: Item): { above: number; below: number } {
  const lines = eventLines(s, item, 0);
  const top = lines.reduce((m, l) => Math.min(m, l.y), 0);
  return { above: Math.max(26, 16 - top), below: Math.max(26, lowest(lines, 0) + 15) };
}

function drawEvent(s: Sheet, item: Item, before: Item | undefined): Picture {
  const { row, y } = item;
  const x = s.c.x[row.lane];
  const side = row.lane > 0 ? -1 : 1;
  const { hit, ground } = fields(s, item, item.top + item.lead + 2, item.top + item.height - 2);
  const reach = Math.min(78, room(s, row.lane, side as 1 | -1));
  const marks = [
    hit,
    path(`M${f(x + side * reach)} ${f(y)}H${f(x + side * 12)}`, 'unseen'),
    path(`M${f(x)} ${f(y - 7.5)}l7.5 7.5l-7.5 7.5l-7.5 -7.5z`, 'diamond'),
    ...gutter(s, item, before),
    ...lineMarks(s, eventLines(s, item, y)),
    ...circles(s, item),
  ];
  return picture(item, 'event', ground, marks);
}

/** First and last packet number of a fold, as words. */
export function foldRange(row: Row): string {
  const numbers = (row.rows ?? []).map((r) => r.number).filter((n) => n > 0);
  const first = row.foldFirst || numbers[0] || 0;
  const last = row.foldLast || numbers[numbers.length - 1] || 0;
  return first && last && first !== last ? `${first}–${last}` : first ? String(first) : '';
}

/** The line that names a fold and opens or shuts it. */
function foldTitle(s: Sheet, item: Item, y: number, button: string): { marks: Mark[]; lines: number } {
  const x = s.c.x[0] + inset(s, 0) + 2;
  const space = room(s, 0, 1) - 4;
  const title: Run = { text: say(item.row.label, s.lang), style: 'strong' };
  const press: Run = { text: button, style: 'fold', gap: title.text ? 10 : 0 };
  if (s.ruler.runs([title, press]) <= space) return { marks: [s.ruler.text(x, y, 'start', [title, press])], lines: 1 };
  const texts = [...s.ruler.wrap(title.text, 'strong', space, 3).map((t): Run => ({ text: t, style: 'strong' }))];
  texts.push({ text: s.ruler.cut(button, 'fold', space), style: 'fold' });
  return { marks: texts.map((run, k) => s.ruler.text(x, y + 15 * k, 'start', [run])), lines: texts.length };
}

const FOLD_HEAD = 36;
const foldButton = (s: Sheet, item: Item): string => showPackets(item.row.count || packetsOf(item).length, s.lang);

/** Height of a shut fold, and of its first arrow below its top. */
export function foldExtent(s: Sheet, item: Item): { height: number; first: number; last: number } {
  const extra = 15 * (foldTitle(s, item, 0, foldButton(s, item)).lines - 1);
  const first = FOLD_HEAD + 12 + extra;
  if (!item.groups.length)
    return { height: FOLD_HEAD + extra + 34, first: FOLD_HEAD + 2 + extra, last: FOLD_HEAD + 18 + extra };
  const body = groupTop(item.groups, item.groups.length);
  const last = first + groupTop(item.groups, item.groups.length - 1);
  return { height: first + body - 8, first, last };
}

function drawFold(s: Sheet, item: Item): Picture {
  const top = item.top + 1;
  const bottom = item.top + item.height - 1;
  const marks: Mark[] = [
    rect(0, top, s.width, bottom - top, 0, 'hit'),
    path(`M0 ${f(top)}H${s.width}M0 ${f(bottom)}H${s.width}`, 'foldline'),
    s.ruler.text(8, item.top + 21, 'start', [{ text: foldNumber(s, item.row), style: 'number' }]),
    ...foldTitle(s, item, item.top + 21, foldButton(s, item)).marks,
    ...(item.groups.length ? groupMarks(s, item) : bulkMarks(s, item)),
  ];
  return picture(item, 'fold', [], [...marks, ...circles(s, item)]);
}

function foldNumber(s: Sheet, row: Row): string {
  const range = foldRange(row);
  const space = s.c.narrow ? s.c.x[0] - 16 : s.c.rail - 16;
  const whole = s.c.narrow && range ? `#${range}` : range;
  if (s.ruler.width(whole, 'number') <= space) return whole;
  return s.ruler.cut(`${range.split('–')[0]}…`, 'number', space);
}

/** Arrows of repeated exchanges without words; times and pauses stay. */
function groupMarks(s: Sheet, item: Item): Mark[] {
  return item.groups.flatMap((g, k) => {
    const y = item.y + groupTop(item.groups, k);
    const marks: Mark[] = g.map((row, i) => {
      const at = y + 19 * i;
      const lines = isLoop(row)
        ? loopMarks(row, s.c.x[row.from], at, loopReach(s, row.from), 12)
        : arrowMarks(row, arrowOf(s, small(row), at));
      return group(arrowClass(row), lines);
    });
    return [...marks, ...groupTimes(s, item, k, y)];
  });
}

/** When a folded exchange began, and how long after the one before it. */
function groupTimes(s: Sheet, item: Item, k: number, y: number): Mark[] {
  const first = item.groups[k][0];
  const before = item.groups[k - 1];
  const wait = before ? first.at - before[before.length - 1].at : 0;
  const digits = s.c.narrow && wait > 1e9 ? 1e8 : 1;
  const pause = before ? duration(Math.round(wait / digits) * digits, s.lang) : '';
  if (s.c.narrow) return pause ? [s.ruler.text(8, y + 4, 'start', [{ text: pause, style: 'delta' }])] : [];
  if (s.times === 'delta') return pause ? [s.ruler.text(s.c.time, y + 4, 'end', [{ text: pause, style: 'time' }])] : [];
  const marks: Mark[] = [s.ruler.text(s.c.time, y + 4, 'end', [{ text: s.clock.row(first.at), style: 'time' }])];
  if (pause) marks.push(s.ruler.text(s.c.time, y - 10, 'end', [{ text: pause, style: 'delta' }]));
  return marks;
}

/** One mark that stands for many packets: three thin arrows, one under the other. */
function bulkMarks(s: Sheet, item: Item): Mark[] {
  const { row } = item;
  const marks: Mark[] = [];
  if (!s.c.narrow && s.times !== 'delta') {
    marks.push(s.ruler.text(s.c.time, item.y + 4, 'end', [{ text: s.clock.row(row.at), style: 'time' }]));
  }
  const pair = row.from !== row.to ? row : { ...row, from: 0, to: Math.min(1, s.lanes.length - 1) };
  if (pair.from === pair.to) return marks;
  for (let k = 0; k < 3; k++) {
    const level: Row = {
      ...pair,
      class: row.class || 'data',
      oneWay: -1,
      ignored: false,
      lost: false,
      repeated: false,
    };
    marks.push(group(`bulk k-${level.class}`, arrowMarks(level, arrowOf(s, level, item.y + 8 * k))));
  }
  return marks;
}

function drawFoldEdge(s: Sheet, item: Item): Picture {
  const head = item.kind === 'foldhead';
  const y = head ? item.top + 1 : item.top + item.height - 1;
  const marks: Mark[] = [path(`M0 ${f(y)}H${s.width}`, 'foldline')];
  if (head) {
    marks.unshift(rect(0, item.top + 1, s.width, item.height - 1, 0, 'hit'));
    marks.push(s.ruler.text(8, item.top + 21, 'start', [{ text: foldNumber(s, item.row), style: 'number' }]));
    marks.push(...foldTitle(s, item, item.top + 21, word('close', s.lang)).marks);
  }
  return picture(item, head ? 'fold' : 'quiet', [], marks);
}

export const foldHeadHeight = (s: Sheet, item: Item): number =>
  32 + 15 * (foldTitle(s, item, 0, word('close', s.lang)).lines - 1);

function drawLoading(s: Sheet, item: Item): Picture {
  const text = s.ruler.text(s.c.x[0] + 16, item.y + 4, 'start', [{ text: word('loading', s.lang), style: 'note' }]);
  return picture(item, 'quiet', [], [text]);
}

/** The marks of an item; before is the row that its time difference counts from. */
export function draw(s: Sheet, item: Item, before: Item | undefined): Picture {
  switch (item.kind) {
    case 'packet':
      return drawPacket(s, item, before);
    case 'gap':
      return drawGap(s, item);
    case 'event':
      return drawEvent(s, item, before);
    case 'fold':
      return drawFold(s, item);
    case 'strip':
      return picture(item, 'quiet', [], stripMarks(s, item));
    case 'loading':
      return drawLoading(s, item);
    default:
      return drawFoldEdge(s, item);
  }
}
