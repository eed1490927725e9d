// The ladder drawn in characters, for tickets and terminals.

import { details, flagWords, pieces } from './fit';
import { foldRange } from './fold';
import { clockOf, duration, roughDuration } from './time';
import type { Ladder, Lane, Lang, Row } from './types';
import { endpoint, say, word } from './words';

const wide = (char: string): boolean => /[ᄀ-ᅟ⺀-꓏가-힣豈-﫿︰-﹏＀-｠￠-￦]/.test(char);
const columnsOf = (text: string): number => [...text].reduce((n, c) => n + (wide(c) ? 2 : 1), 0);

/** A line of characters in which texts are written at columns. */
class Line {
  private readonly cells: string[] = [];

  put(at: number, text: string): void {
    let x = Math.max(0, at);
    for (const char of text) {
      while (this.cells.length < x) this.cells.push(' ');
      this.cells[x] = char;
      if (wide(char)) this.cells[x + 1] = '';
      x += wide(char) ? 2 : 1;
    }
  }

  centre(at: number, text: string): void {
    this.put(Math.round(at - columnsOf(text) / 2), text);
  }

  toString(): string {
    return this.cells
      .map((c) => c ?? ' ')
      .join('')
      .trimEnd();
  }
}

interface Page {
  ladder: Ladder;
  lang: Lang;
  lanes: number[];
  time(at: number): string;
  rough(at: number): string;
}

/** The ladder drawn in characters; about width columns wide. */
export function toText(ladder: Ladder, lang: Lang, options: { width?: number } = {}): string {
  const rows = ladder.rows ?? [];
  const last = rows[rows.length - 1];
  const clock = clockOf(ladder, last ? last.at : 0, 'absolute', lang);
  const count = ladder.lanes?.length ?? 0;
  const first = 32;
  const longest = Math.max(0, ...(ladder.lanes ?? []).map((lane) => endpoint(lane).length));
  const step = Math.max(26, longest + 2, Math.floor(((options.width ?? 110) - first - 14) / Math.max(1, count - 1)));
  const page: Page = {
    ladder,
    lang,
    lanes: Array.from({ length: count }, (_, i) => first + i * Math.min(step, Math.max(48, longest + 2))),
    time: clock.row,
    rough: clock.rough,
  };
  const lines = [
    say(ladder.title, lang),
    '',
    ...heads(page, clock.head),
    ...rows.flatMap((row) => textRow(page, row)),
    bare(page).toString(),
  ];
  const foot = new Line();
  for (const [i, lane] of (ladder.lanes ?? []).entries()) foot.centre(page.lanes[i], say(lane.foot, lang));
  lines.push(foot.toString(), '', signs(lang));
  return `${lines.join('\n').trimEnd()}\n`;
}

function heads(page: Page, clock: string): string[] {
  const step = page.lanes.length > 1 ? page.lanes[1] - page.lanes[0] : 60;
  const blocks = [
    (lane: Lane) => wrapColumns(say(lane.role, page.lang), step - 2),
    (lane: Lane) => [endpoint(lane)],
    (lane: Lane) =>
      [lane.capturedHere ? word('capturedHere', page.lang) : '', lane.name, say(lane.note, page.lang)].flatMap((t) =>
        wrapColumns(t, step - 2),
      ),
  ];
  return blocks.flatMap((texts, k) => {
    const columns = (page.ladder.lanes ?? []).map(texts);
    const height = Math.max(0, ...columns.map((c) => c.length));
    return Array.from({ length: height }, (_, row) => {
      const line = new Line();
      if (k === 2 && row === 0) line.put(5, clock);
      for (const [i, column] of columns.entries()) {
        const text = column[k === 0 ? row - (height - column.length) : row];
        if (text) line.centre(page.lanes[i], text);
      }
      return line.toString();
    });
  });
}

function bare(page: Page): Line {
  const line = new Line();
  for (const x of page.lanes) line.put(x, '|');
  return line;
}

function textRow(page: Page, row: Row): string[] {
  const { lang } = page;
  switch (row.kind) {
    case 'gap':
      return [bare(page).toString(), textGap(page, row), bare(page).toString()];
    case 'hop':
      return [textHop(page, row)];
    case 'event':
      return textEvent(page, row);
    case 'fold': {
      if (row.rows?.length && row.rows.length <= 60)
        return [textFold(page, row), ...row.rows.flatMap((r) => textRow(page, r))];
      return [textFold(page, row)];
    }
    default:
      return textPacket(page, row, lang);
  }
}

function textGap(page: Page, row: Row): string {
  const line = new Line();
  for (const x of page.lanes) line.put(x, '~');
  const length = (row.approximate ? roughDuration : duration)(row.duration, page.lang);
  line.put(5, length);
  const words = [say(row.label, page.lang), say(row.reason, page.lang)]
    .filter(Boolean)
    .join(page.lang === 'zh' ? '：' : ': ');
  line.put(page.lanes[0] + 3, `~~ ${words} ~~`);
  return line.toString();
}

function textFold(page: Page, row: Row): string {
  const line = bare(page);
  line.put(
    page.lanes[0] + 3,
    `[ ${[foldRange(row) && `#${foldRange(row)}`, say(row.label, page.lang)].filter(Boolean).join(' ')} ]`,
  );
  return line.toString();
}

function textEvent(page: Page, row: Row): string[] {
  const texts = [say(row.label, page.lang), say(row.reason, page.lang)].filter(Boolean);
  const lines = texts.flatMap((text) => beside(page, text, row.lane, row.lane === 0 ? 1 : -1));
  const first = lines[0] ?? bare(page);
  first.put(2, '–');
  first.put(5, row.approximate ? `≈ ${page.rough(row.at)}` : page.time(row.at));
  first.put(page.lanes[row.lane] ?? 0, '◇');
  return (lines.length ? lines : [first]).map(String);
}

/** A text in the interval beside a lane, on as many lines as it needs. */
function beside(page: Page, text: string, lane: number, side: 1 | -1): Line[] {
  const x = page.lanes[lane];
  const next = page.lanes[lane + side] ?? x + side * 56;
  return wrapColumns(text, Math.abs(next - x) - 4).map((part) => {
    const line = bare(page);
    line.put(side > 0 ? x + 3 : Math.max(5, x - 2 - columnsOf(part)), part);
    return line;
  });
}

function wrapColumns(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of pieces(text)) {
    if (line && columnsOf((line + part).trimEnd()) > room) {
      lines.push(line.trimEnd());
      line = part;
    } else line += part;
  }
  return [...lines, line.trimEnd()].filter(Boolean);
}

function textHop(page: Page, row: Row): string {
  const line = bare(page);
  const [a, b] = [page.lanes[row.from], page.lanes[row.to]];
  const length = Math.abs(b - a) - 2;
  const dots = '. '.repeat(length).slice(0, length - 1);
  line.put(Math.min(a, b) + 1, b > a ? ` ${dots.slice(1)}>` : `<${dots}`);
  const text = say(row.label, page.lang);
  if (text) line.put(Math.min(a, b) + 3, ` ${text} `);
  return line.toString();
}

/** Shaft, tip and label of an arrow in characters. */
function shaft(row: Row, length: number, label: string): string {
  const right = row.to > row.from;
  const tip = row.ignored ? (right ? '>!' : '!<') : row.class === 'reset' ? 'X' : right ? '>' : '<';
  const dash = row.repeated ? '- ' : row.inferred || row.lost ? '. ' : row.class === 'data' ? '=' : '-';
  const body = length - tip.length;
  const words = columnsOf(label) + 2 <= body - 4 ? ` ${label} ` : '';
  const rest = body - columnsOf(words);
  const left = Math.min(3, rest);
  const line = (n: number) => dash.repeat(Math.max(0, n)).slice(0, Math.max(0, n));
  return right ? `${line(left)}${words}${line(rest - left)}${tip}` : `${tip}${line(rest - left)}${words}${line(left)}`;
}

function textPacket(page: Page, row: Row, lang: Lang): string[] {
  const line = bare(page);
  const known = row.number > 0 && !row.inferred;
  line.put(0, `${row.evidence ? '*' : ' '}${(known ? String(row.number) : '–').padStart(3)}`);
  line.put(5, page.time(row.at));
  if (row.callouts?.length) line.put(page.lanes[0] - 10, row.callouts.map((c) => `(${c})`).join(''));
  const [a, b] = [page.lanes[row.from], page.lanes[row.to]];
  const label = [flagWords(row), details(row, 0, lang)[0]].filter(Boolean).join(' ');
  const length = Math.abs(b - a) - 1;
  if (a === b) return textLoop(page, row, line, label);
  const room = (text: string) => columnsOf(text) + 6 <= length;
  const short =
    [label, `${flagWords(row)} ${details(row, 0, lang).find((d) => room(`${flagWords(row)} ${d}`)) ?? ''}`.trim()].find(
      room,
    ) ?? flagWords(row);
  line.put(Math.min(a, b) + 1, shaft(row, length, short));
  const above = room(short) ? [] : beside(page, short, row.from, b > a ? 1 : -1).map(String);
  return [...above, line.toString(), ...textNotes(page, row)];
}

function textLoop(page: Page, row: Row, line: Line, label: string): string[] {
  const out = `|--- ${label} --.`;
  const back = bare(page);
  const tip = row.ignored ? '!<' : row.class === 'reset' ? 'X' : '<';
  line.put(page.lanes[row.from], out);
  back.put(page.lanes[row.from], `|${tip}${'-'.repeat(columnsOf(out) - 2 - tip.length)}'`);
  return [line.toString(), back.toString(), ...textNotes(page, row)];
}

function textNotes(page: Page, row: Row): string[] {
  const right = row.to >= row.from;
  const notes: [string, number, 1 | -1][] = [
    [say(row.senderNote, page.lang), row.from, right ? 1 : -1],
    [say(row.receiverNote, page.lang), row.to, right && row.to !== row.from ? -1 : 1],
  ];
  return notes.filter(([text]) => text).flatMap(([text, lane, side]) => beside(page, text, lane, side).map(String));
}

function signs(lang: Lang): string {
  return lang === 'zh'
    ? '* 证据  (1) 说明中的句子  X RST  ! 未被接受  - - 重传  . . 推断或丢失  == 数据  ◇ 没有包的事件'
    : '* evidence  (1) sentence of the explanation  X RST  ! not accepted  - - sent again  . . inferred or lost  == data  ◇ event without a packet';
}
