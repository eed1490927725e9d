// Times as people read them. Everything comes in as nanoseconds.

import type { Ladder, Lang } from './types';

/** How times are written; "scale" also sets the rows apart in proportion to them. */
export type TimeMode = 'absolute' | 'relative' | 'delta' | 'scale';

const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const DAY = 86400 * SECOND;

const trim = (v: number, digits: number): string => {
  const s = v.toFixed(digits);
  return s.includes('.') ? s.replace(/\.?0+$/, '') : s;
};

function clockPart(ns: number, lang: Lang): string {
  const words = lang === 'zh' ? [' 天', ' 小时', ' 分', ' 秒'] : [' d', ' h', ' min', ' s'];
  const seconds = Math.round(ns / SECOND);
  const parts = [
    Math.floor(seconds / 86400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const first = parts.findIndex((p) => p > 0);
  return parts
    .map((p, i) => (i >= first && i < first + 2 && p > 0 ? p + words[i] : ''))
    .filter(Boolean)
    .join(' ');
}

/** "≈ 96 s": a time that is computed, without the digits it does not have. */
export function roughDuration(ns: number, lang: Lang): string {
  const digits = ns < SECOND ? 1e7 : ns < 10 * SECOND ? 1e8 : SECOND;
  return `≈ ${duration(Math.round(ns / digits) * digits, lang)}`;
}

/** "154 µs", "1.24 ms", "1.0418 s", "11 min 46 s". */
export function duration(ns: number, lang: Lang): string {
  if (ns < 0) return `−${duration(-ns, lang)}`;
  if (ns > 0 && ns < 1000) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${trim(ns / 1000, ns < 1e5 && ns % 1000 ? 1 : 0)} µs`;
  if (ns < SECOND) return `${trim(ns / 1e6, ns < 1e7 ? 2 : ns < 1e8 ? 1 : 0)} ms`;
  if (ns < 100 * SECOND) return `${trim(ns / SECOND, 4)} ${lang === 'zh' ? '秒' : 's'}`;
  return clockPart(ns, lang);
}

/** A clock of one ladder: how a row's time is written, and what its head says. */
export interface Clock {
  head: string;
  row(at: number): string;
  /** A time that is only known roughly: to the second. */
  rough(at: number): string;
  /** The full time, for lists and for reading aloud. */
  full(at: number): string;
}

const floor = (v: number, unit: number): number => Math.floor(v / unit) * unit;
const two = (n: number): string => String(n).padStart(2, '0');

/** Times of day in UTC; ns of the day and whole days since the Unix epoch. */
function dayTime(ladder: Ladder, at: number): { day: number; ns: number } {
  const days = Math.floor(ladder.startSeconds / 86400);
  const ns = (ladder.startSeconds - days * 86400) * SECOND + ladder.startNanos + at;
  const more = Math.floor(ns / DAY);
  return { day: days + more, ns: ns - more * DAY };
}

function clockText(ns: number, digits: number): string {
  const unit = 10 ** (9 - digits);
  const whole = Math.round(ns / unit);
  const perSecond = 10 ** digits;
  const s = Math.floor(whole / perSecond);
  const head = `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return digits ? `${head}.${String(whole % perSecond).padStart(digits, '0')}` : head;
}

function absoluteClock(ladder: Ladder, span: number): Clock {
  const a = dayTime(ladder, 0);
  const b = dayTime(ladder, span);
  const zone = ladder.hasDate ? ' UTC' : '';
  const sameMinute = a.day === b.day && Math.floor(a.ns / MINUTE) === Math.floor(b.ns / MINUTE);
  const full = (at: number) => {
    const t = dayTime(ladder, at);
    const date = ladder.hasDate ? `${new Date(t.day * 86400e3).toISOString().slice(0, 10)} ` : '';
    return date + clockText(t.ns, 6);
  };
  if (sameMinute) {
    return {
      head: clockText(floor(a.ns, MINUTE), 0).slice(0, 5) + zone,
      full,
      row: (at) => clockText(dayTime(ladder, at).ns, 6).slice(6),
      rough: (at) => clockText(floor(dayTime(ladder, at).ns, SECOND / 10), 1).slice(6),
    };
  }
  const row = (at: number) => {
    const t = dayTime(ladder, at);
    return (t.day > a.day ? `+${t.day - a.day}d ` : '') + clockText(t.ns, span >= MINUTE || b.day > a.day ? 3 : 6);
  };
  const rough = (at: number) => clockText(floor(dayTime(ladder, at).ns, SECOND), 0);
  return { head: zone.trim(), full, row, rough };
}

function relativeClock(head: string, span: number): Clock {
  const digits = span >= MINUTE ? 3 : 6;
  const row = (at: number) => (at / SECOND).toFixed(digits);
  const rough = (at: number) => (at / SECOND).toFixed(span >= MINUTE ? 0 : 1);
  return { head, row, full: row, rough };
}

/** The clock for a ladder whose last row stands at span. */
export function clockOf(ladder: Ladder, span: number, mode: TimeMode, lang: Lang): Clock {
  if (mode === 'absolute') return absoluteClock(ladder, span);
  if (mode === 'delta') return relativeClock(lang === 'zh' ? '间隔' : 'gap', span);
  return relativeClock(lang === 'zh' ? '秒' : 's', span);
}
