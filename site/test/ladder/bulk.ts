// A long transfer made up for tests: a handshake, many data segments with
// acknowledgements, some sent again, and an end.

import type { Ladder, Row, Text } from '../../src/ladder/types';

const none: Text = { en: '', zh: '' };
const same = (text: string): Text => ({ en: text, zh: text });

export function row(o: Partial<Row>): Row {
  return {
    ...{
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
    },
    ...{
      repeated: false,
      repeats: 0,
      answers: 0,
      ignored: false,
      lost: false,
      inferred: false,
      evidence: false,
      ring: '',
    },
    ...{
      callouts: [],
      oneWay: -1,
      exact: '',
      tags: [],
      senderNote: none,
      receiverNote: none,
      duration: 0,
      label: none,
      reason: none,
    },
    ...{ lane: 0, approximate: false, count: 0, foldStyle: '', foldFirst: 0, foldLast: 0, rows: [] },
    ...o,
  } as Row;
}

function segment(i: number): Row {
  const at = 1e6 + i * 400_000;
  const base = { at, number: i + 4, oneWay: 200_000, exact: 'from' as const };
  if (i % 3 === 2)
    return row({ ...base, from: 1, to: 0, class: 'ack', flags: 'ACK', seq: '1', ack: String(i * 1448), exact: 'to' });
  const again = i % 97 === 0;
  const data = {
    class: 'data' as const,
    flags: i % 10 ? 'ACK' : 'PSH-ACK',
    seq: String(i * 1448),
    ack: '1',
    length: 1448,
  };
  return row({ ...base, ...data, repeated: again, repeats: again ? Math.max(4, i - 5) : 0 });
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
