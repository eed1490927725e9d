// The ladder in words: rows for a list, sentences for reading aloud.

import { details, flagWords } from './fit';
import { foldRange } from './fold';
import { clockOf, duration, roughDuration, type TimeMode } from './time';
import type { Ladder, Lane, Lang, Row } from './types';
import { endpoint, say, showPackets, word } from './words';

export interface ListRow {
  kind: Row['kind'];
  /** 0 for what is no packet. */
  number: number;
  time: string;
  /** Time since the row before. */
  gap: string;
  from: string;
  to: string;
  flags: string;
  detail: string;
  notes: string[];
  evidence: boolean;
}

const LIST_LIMIT = 1000;

/** Packets, events and unopened bulk folds in order; the rows of repeats in full. */
function flat(rows: Row[]): Row[] {
  return rows.flatMap((row) => {
    if (row.kind === 'gap' || row.kind === 'hop') return [];
    return row.kind === 'fold' && row.rows?.length ? flat(row.rows) : [row];
  });
}

/** The same packets as a list; at most a thousand rows. */
export function listRows(ladder: Ladder, lang: Lang, options: { times?: TimeMode } = {}): ListRow[] {
  const rows = flat(ladder.rows ?? []);
  const span = rows.length ? rows[rows.length - 1].at : 0;
  const clock = clockOf(ladder, span, options.times ?? 'absolute', lang);
  const out = rows.slice(0, LIST_LIMIT).map((row, i) => listRow(ladder, row, rows[i - 1], lang, clock.full));
  if (rows.length > LIST_LIMIT) out.push({ ...out[out.length - 1], ...more(rows.length - LIST_LIMIT, lang) });
  return out;
}

function more(count: number, lang: Lang): Partial<ListRow> {
  const flags = lang === 'zh' ? `另有 ${count} 行` : `${count} more rows`;
  return {
    kind: 'fold',
    number: 0,
    time: '',
    gap: '',
    from: '',
    to: '',
    flags,
    detail: '',
    notes: [],
    evidence: false,
  };
}

function listRow(ladder: Ladder, row: Row, before: Row | undefined, lang: Lang, time: (at: number) => string): ListRow {
  const lanes = ladder.lanes ?? [];
  const packet = row.kind === 'packet';
  const gap = before ? (row.approximate ? roughDuration : exactDuration)(row.at - before.at, lang) : '';
  const notes = [row.senderNote, row.receiverNote].map((t) => say(t, lang)).filter(Boolean);
  const detail = packet ? listDetail(row, lang) : [say(row.reason, lang), foldRange(row)].filter(Boolean).join(' ');
  return {
    kind: row.kind,
    number: packet ? row.number : 0,
    time: row.approximate ? `≈ ${time(row.at).replace(/\.\d+$/, '')}` : time(row.at),
    gap,
    from: packet ? endpoint(lanes[row.from]) : row.kind === 'event' ? endpoint(lanes[row.lane]) : '',
    to: packet ? endpoint(lanes[row.to]) : '',
    flags: packet ? flagWords(row) : say(row.label, lang) || showPackets(row.count, lang),
    detail,
    notes,
    evidence: row.evidence,
  };
}

/** Seconds to the microsecond: a list is read for its digits. */
function exactDuration(ns: number, lang: Lang): string {
  if (ns < 1e9 || ns >= 100e9) return duration(ns, lang);
  return `${(ns / 1e9).toFixed(6)} ${lang === 'zh' ? '秒' : 's'}`;
}

function listDetail(row: Row, lang: Lang): string {
  const shown = details({ ...row, class: row.window >= 0 ? 'control' : row.class }, 0, lang);
  const tail = row.ignored ? [word('ignored', lang)] : [];
  return [shown[0], ...tail].filter(Boolean).join(' · ');
}

/** One row as a sentence, for reading aloud. */
export function speak(ladder: Ladder, row: Row, before: number | null, lang: Lang): string {
  const zh = lang === 'zh';
  if (row.kind === 'fold')
    return `${foldRange(row)} ${say(row.label, lang)}${zh ? '，' : ', '}${showPackets(row.count, lang)}`.trim();
  const lanes = ladder.lanes ?? [];
  const parts: string[] = [];
  if (row.kind === 'event')
    parts.push(zh ? `没有包：${say(row.label, lang)}` : `no packet: ${say(row.label, lang)}`, say(row.reason, lang));
  else parts.push(spokenPacket(row, lanes, zh), listDetail(row, lang));
  if (before !== null)
    parts.push(
      zh ? `距上一行 ${duration(row.at - before, lang)}` : `${duration(row.at - before, lang)} after the row before`,
    );
  if (row.evidence) parts.push(word('evidence', lang));
  parts.push(say(row.senderNote, lang), say(row.receiverNote, lang));
  return parts.filter(Boolean).join(zh ? '，' : ', ');
}

function spokenPacket(row: Row, lanes: Lane[], zh: boolean): string {
  const from = endpoint(lanes[row.from]);
  const to = endpoint(lanes[row.to]);
  const name =
    row.number > 0 ? (zh ? `第 ${row.number} 个包` : `packet ${row.number}`) : zh ? '推断的包' : 'inferred packet';
  return zh ? `${name}，${flagWords(row)}，从 ${from} 到 ${to}` : `${name}: ${flagWords(row)} from ${from} to ${to}`;
}

export { toText } from './characters';
