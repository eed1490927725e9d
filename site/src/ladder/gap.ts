// A long time without a packet.

import { type Line, lineMarks, lowest } from './notes';
import type { Item } from './plan';
import { f, type Mark, type Picture, path, rect, type StyleName } from './scene';
import { inset, room, type Sheet } from './sheet';
import { picture } from './signs';
import { duration, roughDuration } from './time';
import { say } from './words';

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

export function drawGap(s: Sheet, item: Item): Picture {
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
