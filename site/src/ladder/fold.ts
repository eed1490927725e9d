// Rows shown small, or as one mark, until they are opened.

import { arrowClass, arrowMarks, loopMarks } from './arrow';
import { isLoop } from './notes';
import { type Item, packetsOf } from './plan';
import { f, group, type Mark, type Picture, path, type Run, rect } from './scene';
import { arrowOf, inset, loopReach, room, type Sheet, small } from './sheet';
import { circles, picture, wait } from './signs';
import { groupHeight, groupTop } from './states';
import type { Row } from './types';
import { say, showPackets, word } from './words';

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

export function drawFold(s: Sheet, item: Item): Picture {
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
  const pause = before ? wait(s, first.at - before[before.length - 1].at) : '';
  if (s.c.narrow) return pause ? [s.ruler.text(8, y + 4, 'start', [{ text: pause, style: 'delta' }])] : [];
  if (s.times === 'delta') return pause ? [s.ruler.text(s.c.time, y + 4, 'end', [{ text: pause, style: 'time' }])] : [];
  const marks: Mark[] = [s.ruler.text(s.c.time, y + 4, 'end', [{ text: s.clock.row(first.at), style: 'time' }])];
  const middle = before ? y - groupHeight(before) / 2 + 4 : y;
  if (pause) marks.push(s.ruler.text(s.c.time, middle, 'end', [{ text: pause, style: 'delta' }]));
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

export function drawFoldEdge(s: Sheet, item: Item): Picture {
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
