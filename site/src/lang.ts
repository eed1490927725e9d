// The two languages of the page: which one, and numbers, dates and sizes in it.

import type { Lang, Text } from './ladder/types';

export type { Lang, Text } from './ladder/types';

const remembered = 'pcaplain.lang';

/** The language to begin with: the address, then an earlier choice, then the browser's. */
export function firstLang(fromAddress: Lang | ''): Lang {
  if (fromAddress) return fromAddress;
  const chosen = recall(remembered);
  if (chosen === 'en' || chosen === 'zh') return chosen;
  for (const wanted of navigator.languages ?? [navigator.language]) {
    if (wanted.toLowerCase().startsWith('zh')) return 'zh';
    if (wanted.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

export function rememberLang(lang: Lang): void {
  remember(remembered, lang);
}

/** Storage may be shut off; the page works without. */
export function recall(key: string): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private windows refuse: the choice lasts as long as the page.
  }
}

export function locale(lang: Lang): string {
  return lang === 'zh' ? 'zh-CN' : 'en';
}

export function say(text: Text | null | undefined, lang: Lang): string {
  return text ? text[lang] : '';
}

export function count(n: number, lang: Lang): string {
  return new Intl.NumberFormat(locale(lang)).format(n);
}

/** "412 packets", "1 packet", "412 个包". */
export function counted(n: number, one: string, many: string, zh: string, lang: Lang): string {
  if (lang === 'zh') return `${count(n, lang)} ${zh}`;
  return `${count(n, lang)} ${new Intl.PluralRules('en').select(n) === 'one' ? one : many}`;
}

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

export function size(bytes: number, lang: Lang): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(locale(lang), { maximumFractionDigits: digits }).format(value)} ${sizeUnits[unit]}`;
}

const units: [number, string, string][] = [
  [86_400e9, 'd', '天'],
  [3_600e9, 'h', '小时'],
  [60e9, 'min', '分'],
];

/** A length of time in nanoseconds: "154 µs", "1.04 s", "2 min 11 s", "2 分 11 秒". */
export function duration(nanos: number, lang: Lang): string {
  const zh = lang === 'zh';
  const round = (value: number) => new Intl.NumberFormat(locale(lang), { maximumSignificantDigits: 3 }).format(value);
  if (nanos < 1e3) return `${round(nanos)} ns`;
  if (nanos < 1e6) return `${round(nanos / 1e3)} µs`;
  if (nanos < 1e9) return `${round(nanos / 1e6)} ms`;
  if (nanos < 59.95e9) return `${round(nanos / 1e9)} ${zh ? '秒' : 's'}`;
  const seconds = Math.round(nanos / 1e9) * 1e9;
  const at = units.findIndex(([length]) => seconds >= length);
  const [length, en, han] = units[at];
  const [smaller, smallEN, smallHan] = units[at + 1] ?? [1e9, 's', '秒'];
  const total = Math.round(seconds / smaller);
  const whole = Math.floor((total * smaller) / length);
  const rest = total - (whole * length) / smaller;
  return `${whole} ${zh ? han : en}${rest > 0 ? ` ${rest} ${zh ? smallHan : smallEN}` : ''}`;
}

/** Nanoseconds between two RFC 3339 times that carry nanoseconds. */
export function between(first: string, last: string): number {
  return Number(nanosOf(last) - nanosOf(first));
}

function nanosOf(time: string): bigint {
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? '';
  const seconds = Date.parse(time.replace(/\.\d+/, ''));
  if (Number.isNaN(seconds)) return 0n;
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** The time of day of an RFC 3339 time, as it is written there: "18:56:40". */
export function clock(time: string, digits = 0): string {
  const match = /T(\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(time);
  if (!match) return time;
  return digits > 0 ? `${match[1]}.${(match[2] ?? '').padEnd(9, '0').slice(0, digits)}` : match[1];
}
