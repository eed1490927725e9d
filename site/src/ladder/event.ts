// Something that left no packet.

import { LINE, type Line, lineMarks, lowest } from './notes';
import type { Item } from './plan';
import { f, type Picture, path } from './scene';
import { room, type Sheet } from './sheet';
import { circles, fields, gutter, picture } from './signs';
import { say } from './words';

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

export function drawEvent(s: Sheet, item: Item, before: Item | undefined): Picture {
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
