// Inferred continuations of a packet: dots that go on where it ended.

import { type Line, lineMarks, lowest, notes } from './notes';
import type { Item } from './plan';
import { f, type Mark, path } from './scene';
import { arrowOf, type Sheet, signOf } from './sheet';
import type { Row } from './types';
import { say } from './words';

/** Height of the sender's end of hop k. */
export function hopHeight(s: Sheet, item: Item, y: number, k: number): number {
  if (k < 0) return y;
  const a = arrowOf(s, item.row, y);
  const hop = item.hops[k];
  const back = signOf(hop) !== a.sign;
  const under = back ? lowest(notes(s, item.row, y), a.y2) - a.y2 : 0;
  const label = back && item.labelled ? 13 * hopTexts(s, item.hops[0]).length : 0;
  return label + a.y2 + under + (s.c.narrow ? 16 : 17) + 20 * k;
}

export function hopMarks(s: Sheet, item: Item): Mark[] {
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
