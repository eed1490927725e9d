// Making text fit: wrapping, cutting, choosing the longest label that has room.

import type { Measure } from './measure';
import { type Anchor, type Run, STYLES, type StyleName, type TextMark } from './scene';
import type { Lang, Row } from './types';
import { repeats, say, tagWords, word } from './words';

export class Ruler {
  constructor(
    private readonly measure: Measure,
    readonly lang: Lang,
  ) {}

  width(text: string, style: StyleName): number {
    return text ? this.measure(text, STYLES[style]) : 0;
  }

  runs(runs: Run[]): number {
    return runs.reduce((sum, run) => sum + this.width(run.text, run.style) + (run.gap ?? 0), 0);
  }

  /** The text itself, or as much of its start as fits, with an ellipsis. */
  cut(text: string, style: StyleName, room: number): string {
    if (this.width(text, style) <= room) return text;
    const chars = [...text];
    let low = 0;
    let high = chars.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.width(`${chars.slice(0, middle).join('').trimEnd()}…`, style) <= room) low = middle;
      else high = middle - 1;
    }
    return low === 0 ? '' : `${chars.slice(0, low).join('').trimEnd()}…`;
  }

  /** The text with its middle left out: both ends of an address tell. */
  cutMiddle(text: string, style: StyleName, room: number): string {
    if (this.width(text, style) <= room) return text;
    for (let keep = text.length - 1; keep > 3; keep--) {
      const tail = Math.ceil(keep * 0.6);
      const short = `${text.slice(0, keep - tail)}…${text.slice(-tail)}`;
      if (this.width(short, style) <= room) return short;
    }
    return this.cut(text, style, room);
  }

  /** Lines of a text, broken at spaces or between Chinese characters, about equally long. */
  wrap(text: string, style: StyleName, room: number, most: number): string[] {
    if (!text) return [];
    if (this.width(text, style) <= room) return [text];
    const lines = this.fill(text, style, room);
    if (lines.length <= most) return this.balance(text, style, room, lines);
    return [...lines.slice(0, most - 1), this.cut(lines.slice(most - 1).join(' '), style, room)];
  }

  /** As many pieces on each line as fit. */
  private fill(text: string, style: StyleName, room: number): string[] {
    const lines: string[] = [];
    let line = '';
    for (const piece of pieces(text).flatMap((p) => this.split(p, style, room))) {
      if (line && this.width((line + piece).trimEnd(), style) > room) {
        lines.push(line.trimEnd());
        line = piece;
      } else line += piece;
    }
    return line.trim() ? [...lines, line.trimEnd()] : lines;
  }

  /** A piece wider than a line, in parts that fit. */
  private split(piece: string, style: StyleName, room: number): string[] {
    if (this.width(piece.trimEnd(), style) <= room) return [piece];
    const parts = [''];
    for (const char of piece) {
      const last = parts[parts.length - 1];
      if (last && this.width(last + char, style) > room) parts.push(char);
      else parts[parts.length - 1] = last + char;
    }
    return parts.reduce(joinClosing, []);
  }

  /** The same number of lines in the narrowest measure that gives it. */
  private balance(text: string, style: StyleName, room: number, lines: string[]): string[] {
    let best = lines;
    let low = room / 2;
    let high = room;
    while (high - low > 3) {
      const middle = (low + high) / 2;
      const tried = this.fill(text, style, middle);
      if (tried.length > lines.length || broken(text, tried)) low = middle;
      else {
        best = tried;
        high = middle;
      }
    }
    return best;
  }

  text(x: number, y: number, anchor: Anchor, runs: Run[], cls = ''): TextMark {
    return { kind: 'text', x, y, anchor, runs, cls, width: this.runs(runs) };
  }
}

// A Latin word or one Chinese character, with the signs that open before it
// and those that close after it.
const BREAK = /[（「『《【“]*(?:[^\s⺀-￯“]+|[⺀-￯])[、。，：；！？）」』》】”’…]*\s*/g;

/** A part that would begin with a closing sign takes a character of the one before. */
function joinClosing(parts: string[], part: string): string[] {
  const before = [...(parts[parts.length - 1] ?? '')];
  let taken = '';
  while (before.length > 1 && /^[、。，；：！？）」』》】”’…]/.test(taken + part)) taken = before.pop() + taken;
  return taken ? [...parts.slice(0, -1), before.join(''), taken + part] : [...parts, part];
}

/** Whether a line ends inside a word. */
function broken(text: string, lines: string[]): boolean {
  const words = new Set(pieces(text).map((p) => p.trimEnd()));
  return lines.some((line) => pieces(line).some((p) => !words.has(p.trimEnd())));
}

/** Smallest parts between which a line may break. */
export function pieces(text: string): string[] {
  return text.match(BREAK) ?? [text];
}

/** Flags as tcpdump writes them, for where the words have no room. */
const SHORT: Record<string, string> = { SYN: '[S]', FIN: '[F]', RST: '[R]', ACK: '[.]', PSH: '[P]' };

function shortFlags(flags: string): string {
  const parts = flags.split('-');
  if (parts.some((p) => !(p in SHORT))) return flags;
  const letters = parts.filter((p) => p !== 'ACK').map((p) => SHORT[p][1]);
  return `[${letters.join('')}${parts.includes('ACK') ? '.' : ''}]`;
}

const has = (row: Row, tag: string): boolean => (row.tags ?? []).includes(tag);

export function flagWords(row: Row): string {
  return row.flags === 'ACK' && has(row, 'duplicate_ack') ? 'DupACK' : row.flags;
}

/** Details of a label from the fullest to none, in the order of the drawing rules. */
export function details(row: Row, nth: number, lang: Lang): string[] {
  const seq = row.seq ? `seq ${row.seq}` : '';
  const ack = row.ack ? `ack ${row.ack}` : '';
  const len = row.length > 0 ? `len ${row.length}` : '';
  const shows = row.window >= 0 && (row.class === 'control' || row.class === 'reset');
  const win = shows ? `win ${row.window}` : '';
  const more = [...tagWords(row.tags, lang), say(row.detail, lang), row.lost ? word('lost', lang) : ''].filter(Boolean);
  const join = (...parts: string[]) => parts.filter(Boolean).join(' · ');
  const plain = [
    join(seq, ack, len, ...more, win),
    join(seq, ack, len, ...more),
    join(ack, len, ...more),
    join(len, ...more),
    join(...more),
    ...(more[0] ? [join(len, more[0]), more[0]] : []),
    len || (ack ? ack : seq),
    '',
  ];
  if (!row.repeated) return plain;
  const again = repeats(row.repeats, nth, lang);
  return [...again.flatMap((a) => [join(seq, len, a, ...more), join(len, a, ...more)]), ...again, ''];
}

/** The label of a packet: the fullest that has room. */
export function label(row: Row, nth: number, room: number, ruler: Ruler): Run[] {
  const flags: Run = { text: flagWords(row), style: 'flags' };
  for (const text of details(row, nth, ruler.lang)) {
    const runs: Run[] = text ? [flags, { text, style: 'data', gap: 7 }] : [flags];
    if (ruler.runs(runs) <= room) return runs;
  }
  if (row.class === 'other') return [{ text: ruler.cut(flags.text.split(' ')[0], 'flags', room), style: 'flags' }];
  const short = ruler.width(shortFlags(row.flags), 'flags') <= room ? shortFlags(row.flags) : '';
  return [{ text: short || ruler.cut(flags.text, 'flags', room), style: 'flags' }];
}
