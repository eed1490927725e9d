// One packet, drawn: band, arrow, label, notes, ring.

import { againSign, arrowClass, arrowMarks, ends, loopMarks } from './arrow';
import { label } from './fit';
import { hopHeight, hopMarks } from './hops';
import { isLoop, lineMarks, lowest, notes } from './notes';
import type { Item } from './plan';
import { circle, group, type Mark, type Picture } from './scene';
import { arrowOf, base, inset, LOOP_FALL, loopReach, room, type Sheet, signOf } from './sheet';
import { circles, fields, gutter, picture } from './signs';
import type { Row } from './types';

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

export function drawPacket(s: Sheet, item: Item, before: Item | undefined): Picture {
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
