// A long transfer made up for tests: a handshake, many data segments with
// acknowledgements, some sent again, and an end.

import type { Ladder, Row, Text } from '../../src/ladder/types';

const none: Text = { en: '', zh: '' };
const same = (text: string): Text => ({ en: text, zh: text });

const BLANK: Row = {
  kind: 'packet',
  at: 0,
  number: 0,
  from: 0,
  to: 1,
  class: 'control',
  flags: '',
  seq: '',
  ack: '',
  length: 0,
  window: -1,
  repeated: false,
  repeats: 0,
  answers: 0,
  ignored: false,
  lost: false,
  inferred: false,
  evidence: false,
  ring: '',
  callouts: null,
  oneWay: -1,
  exact: '',
  tags: null,
  senderNote: none,
  receiverNote: none,
  duration: 0,
  label: none,
  reason: none,
  lane: 0,
  approximate: false,
  count: 0,
  foldStyle: '',
  foldFirst: 0,
  foldLast: 0,
  rows: null,
};

/** A row with everything unset that is not given. */
export function row(o: Partial<Row>): Row {
  const made = { ...BLANK };
  for (const key of Object.keys(o) as (keyof Row)[]) (made as Record<string, unknown>)[key] = o[key];
  return made;
}

/** Segment i of the transfer: two of data, then one that acknowledges. */
function segment(i: number): Row {
  const made = { ...BLANK };
  const answer = i % 3 === 2;
  made.at = 1e6 + i * 400_000;
  made.number = i + 4;
  made.oneWay = 200_000;
  made.exact = answer ? 'to' : 'from';
  made.from = answer ? 1 : 0;
  made.to = answer ? 0 : 1;
  made.class = answer ? 'ack' : 'data';
  made.flags = answer || i % 10 ? 'ACK' : 'PSH-ACK';
  made.seq = answer ? '1' : String(i * 1448);
  made.ack = answer ? String(i * 1448) : '1';
  made.length = answer ? 0 : 1448;
  made.repeated = !answer && i % 97 === 0;
  made.repeats = made.repeated ? Math.max(4, i - 5) : 0;
  return made;
}

/** A conversation of count packets; folded puts the middle into one shut fold. */
export function bulk(count: number, folded = false): Ladder {
  const middle = Array.from({ length: count - 4 }, (_, i) => segment(i));
  const hand = [
    row({ number: 1, flags: 'SYN', seq: '0', window: 64240, oneWay: 200_000, exact: 'from' }),
    row({
      at: 400_000,
      number: 2,
      from: 1,
      to: 0,
      flags: 'SYN-ACK',
      seq: '0',
      ack: '1',
      window: 65160,
      oneWay: 200_000,
      exact: 'to',
    }),
    row({ at: 450_000, number: 3, class: 'ack', flags: 'ACK', seq: '1', ack: '1', oneWay: 200_000, exact: 'from' }),
  ];
  const last = row({
    at: 2e6 + count * 400_000,
    number: count,
    flags: 'FIN-ACK',
    seq: '9',
    ack: '1',
    oneWay: 200_000,
    exact: 'from',
  });
  const fold = row({
    ...{
      kind: 'fold',
      at: middle[0].at,
      duration: middle[middle.length - 1].at - middle[0].at,
      foldStyle: 'bulk',
      class: 'data',
    },
    ...{
      foldFirst: 4,
      foldLast: count - 1,
      count: count - 4,
      label: { en: 'data flows, nothing unusual', zh: '数据正常传输' },
    },
  });
  const lane = { kind: 'endpoint', name: '', note: none, silent: false };
  return {
    capture: 0,
    finding: -1,
    conversations: [0],
    title: same(`${count} packets`),
    startSeconds: 1_700_000_000,
    startNanos: 0,
    hasDate: true,
    lanes: [
      {
        ...lane,
        id: 'a',
        address: '10.0.0.1',
        port: 40000,
        role: { en: 'client', zh: '客户端' },
        capturedHere: true,
        foot: none,
      },
      {
        ...lane,
        id: 'b',
        address: '10.0.0.2',
        port: 80,
        role: { en: 'server', zh: '服务端' },
        capturedHere: false,
        foot: none,
      },
    ],
    rows: [...hand, ...(folded ? [fold] : middle), last],
    states: [{ lane: 0, name: 'ESTABLISHED', from: 400_000, to: last.at, inferred: true }],
    timers: [],
    packets: count,
    shown: count,
  };
}
