// The small print under both ends of an arrow.

import { heightAt } from './arrow';
import type { Anchor, Mark, StyleName } from './scene';
import { arrowOf, inset, LOOP_FALL, loopReach, room, type Sheet, signOf } from './sheet';
import type { Row } from './types';
import { say } from './words';

export const LINE = 14;

export interface Line {
  x: number;
  y: number;
  anchor: Anchor;
  text: string;
  style: StyleName;
}

export const lineMarks = (s: Sheet, lines: Line[]): Mark[] =>
  lines.map((l) => s.ruler.text(l.x, l.y, l.anchor, [{ text: l.text, style: l.style }]));

export const isLoop = (row: Row): boolean => row.from === row.to;

/** Notes under both ends of an arrow, clear of the line and of each other. */
export function notes(s: Sheet, row: Row, y: number): Line[] {
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

export const lowest = (lines: Line[], none: number): number => lines.reduce((m, l) => Math.max(m, l.y), none);
