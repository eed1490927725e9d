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

  /** Lines of a text, broken at spaces, or between Chinese characters. */
  wrap(text: string, style: StyleName, room: number, most: number): string[] {
    if (!text) return [];
    if (this.width(text, style) <= room) return [text];
    const lines: string[] = [];
    let line = '';
    for (const piece of pieces(text)) {
      if (line && this.width((line + piece).trimEnd(), style) > room) {
        lines.push(line.trimEnd());
        line = piece.trimStart();
      } else line += piece;
    }
    if (line.trim()) lines.push(line.trimEnd());
    const kept = lines.slice(0, most);
    if (lines.length > most) kept[most - 1] = lines.slice(most - 1).join(' ');
    return kept.map((l) => this.cut(l, style, room));
  }

  text(x: number, y: number, anchor: Anchor, runs: Run[], cls = ''): TextMark {
    return { kind: 'text', x, y, anchor, runs, cls, width: this.runs(runs) };
  }
}

const BREAK = /[^\s⺀-￯]+\s*|[⺀-￯][、。，；：！？）」』”]*\s*/g;

/** Smallest parts between which a line may break. */
function pieces(text: string): string[] {
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
  const more = [...tagWords(row.tags, lang), say(row.detail, lang), row.lost ? word('lost', lang) : ''];
  const join = (...parts: string[]) => parts.filter(Boolean).join(' · ');
  const plain = [
    join(seq, ack, len, ...more, win),
    join(seq, ack, len, ...more),
    join(ack, len, ...more),
    join(len, ...more),
    join(...more),
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
