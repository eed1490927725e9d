// The address behind '#': which capture, which finding, which packet. What
// stands there never reaches a server.

import type { Lang } from './ladder/types';

export interface Route {
  /** A sample capture, by scenario id. */
  sample: string;
  /** A capture opened from this machine, by name: only to recognise it again. */
  file: string;
  /** A capture at an address elsewhere; asked before it is fetched. */
  src: string;
  /** A shared incident, packed. */
  d: string;
  /** A scenario id, with ".2" and so on for later findings of the same one. */
  finding: string;
  packet: number;
  /** A conversation drawn by itself, 1-based as the table shows it; 0 for none. */
  conversation: number;
  lang: Lang | '';
  view: '' | 'reader' | 'conversations';
}

export const emptyRoute: Route = {
  sample: '',
  file: '',
  src: '',
  d: '',
  finding: '',
  packet: 0,
  conversation: 0,
  lang: '',
  view: '',
};

export function parseRoute(hash: string): Route {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (key: string) => values.get(key) ?? '';
  const number = (key: string) => Math.max(0, Math.trunc(Number(values.get(key)) || 0));
  const lang = text('lang');
  const view = text('view');
  return {
    sample: text('sample'),
    file: text('file'),
    src: text('src'),
    d: text('d'),
    finding: text('finding'),
    packet: number('packet'),
    conversation: number('conversation'),
    lang: lang === 'en' || lang === 'zh' ? lang : '',
    view: view === 'reader' || view === 'conversations' ? view : '',
  };
}

export function formatRoute(route: Route): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(route)) {
    if (value) parts.push(`${key}=${encodeURIComponent(String(value)).replace(/%3A/g, ':')}`);
  }
  return parts.length > 0 ? `#${parts.join('&')}` : '';
}

/** Whether two routes mean the same capture. */
export function sameCapture(a: Route, b: Route): boolean {
  return a.sample === b.sample && a.file === b.file && a.src === b.src && a.d === b.d;
}

export function hasCapture(route: Route): boolean {
  return Boolean(route.sample || route.file || route.src || route.d);
}
