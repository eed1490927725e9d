import { readFileSync } from 'node:fs';
import type { Ladder, Lane, Row, State, Text } from '../../src/ladder/types';
import { row } from './bulk';

export const NAMES = ['s2', 's4', 'crosswired', 'fourlanes', 'selfconnect', 'noanswer'];
export const load = (name: string): Ladder =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.ladder.json`, import.meta.url), 'utf8'));

/** A small generator of numbers, the same for the same seed. */
export function numbers(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const NOTES: Text[] = [
  { en: '', zh: '' },
  { en: '', zh: '' },
  { en: 'first data', zh: '首次数据' },
  { en: 'never opened by this client', zh: '客户端从未打开这条连接' },
  {
    en: 'a sequence number that belongs to the connection before this one',
    zh: '这个序列号属于之前的那条连接，不属于这一条',
  },
];
const FLAGS: [Row['class'], string][] = [
  ['control', 'SYN'],
  ['control', 'SYN-ACK'],
  ['ack', 'ACK'],
  ['data', 'PSH-ACK'],
  ['reset', 'RST-ACK'],
  ['control', 'FIN-ACK'],
  ['other', 'ICMP fragmentation needed'],
];
const ADDRESSES = ['10.4.26.45', '192.168.101.201', '2001:db8:85a3::8a2e:370:7334', 'fe80::1', '203.0.113.255'];

/** A ladder of made-up rows: any combination that the contract allows. */
export function random(seed: number): Ladder {
  const next = numbers(seed);
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)];
  const count = 1 + below(5);
  const lanes = Array.from({ length: count }, (_, i) => lane(i, next, pick(ADDRESSES), pick(NOTES)));
  const rows: Row[] = [];
  let at = 0;
  for (let i = 0; i < 14; i++) {
    const step = 10 ** (3 + next() * 6);
    if (step > 2e8) rows.push(row({ kind: 'gap', at, duration: step, label: pick(NOTES), reason: pick(NOTES) }));
    at += Math.round(step);
    if (next() < 0.08)
      rows.push(
        row({ kind: 'event', at, lane: below(count), approximate: next() < 0.5, label: NOTES[3], reason: pick(NOTES) }),
      );
    else rows.push(...packet(i, at, count, next, pick));
  }
  const states = lanes.flatMap((_, i): State[] => (next() < 0.5 ? spans(i, rows, pick) : []));
  return {
    ...{
      capture: 0,
      finding: 0,
      conversations: [0],
      title: NOTES[3],
      startSeconds: 1.7e9,
      startNanos: 5,
      hasDate: next() < 0.5,
    },
    ...{ lanes, rows, states, timers: [], packets: rows.length, shown: rows.length },
  };
}

function lane(i: number, next: () => number, address: string, note: Text): Lane {
  const kind = next() < 0.15 ? 'nat' : next() < 0.15 ? 'proxy' : 'endpoint';
  return {
    ...{
      id: `lane ${i}`,
      kind,
      address,
      port: next() < 0.2 ? 0 : 80 + Math.floor(next() * 60000),
      name: next() < 0.2 ? 'db-01.example.net' : '',
    },
    ...{ role: NOTES[2 + Math.floor(next() * 3)], note, capturedHere: i === 0, foot: NOTES[2], silent: next() < 0.2 },
  };
}

function packet(i: number, at: number, count: number, next: () => number, pick: <T>(from: readonly T[]) => T): Row[] {
  const [cls, flags] = pick(FLAGS);
  const from = Math.floor(next() * count);
  const to = Math.floor(next() * count);
  const chance = (p: number) => next() < p;
  const main = row({
    ...{
      at,
      number: 97 + i * 5,
      from,
      to,
      class: cls,
      flags,
      seq: '4294967295',
      ack: '1234567',
      length: cls === 'data' ? 1448 : 0,
      window: 65535,
    },
    ...{
      repeated: chance(0.2),
      repeats: chance(0.5) ? 97 : 0,
      ignored: chance(0.2),
      lost: chance(0.1),
      evidence: chance(0.2),
      inferred: chance(0.05),
    },
    ...{ ring: pick(['', '', 'from', 'to'] as const), callouts: chance(0.4) ? [1 + Math.floor(next() * 5)] : [] },
    ...{
      oneWay: chance(0.3) ? -1 : 10 ** (4 + next() * 5),
      exact: pick(['from', 'to', ''] as const),
      tags: chance(0.1) ? ['zero_window', 'keep_alive'] : [],
    },
    ...{ senderNote: pick(NOTES), receiverNote: pick(NOTES) },
  });
  const on = to + (to >= from ? 1 : -1);
  if (!chance(0.15) || on < 0 || on >= count || to === from) return [main];
  return [main, row({ kind: 'hop', at, from: to, to: on, inferred: true, label: NOTES[3] })];
}

function spans(lane: number, rows: Row[], pick: <T>(from: readonly T[]) => T): State[] {
  const end = rows[rows.length - 1].at;
  const middle = rows[5].at;
  return [
    { lane, name: pick(['SYN_SENT', 'SYN_RECV']), from: rows[0].at, to: middle, inferred: true },
    { lane, name: pick(['ESTABLISHED', 'CLOSE_WAIT', 'TIME_WAIT', 'CLOSED']), from: middle, to: end, inferred: true },
  ];
}
