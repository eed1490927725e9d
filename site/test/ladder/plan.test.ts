import { describe, expect, it } from 'vitest';
import { foldId, groupsOf, type Item, plan } from '../../src/ladder/plan';
import type { Ladder } from '../../src/ladder/types';
import { bulk, row } from './bulk';
import { load } from './fixtures';

const items = (ladder: Ladder, open: string[] = []): Item[] =>
  plan(ladder, { open: new Set(open), given: new Map(), strips: [] });
const marks = (list: Item[]) => list.filter((i) => i.marks.length).map((i) => [i.row.number || i.kind, ...i.marks]);

describe('every sentence has one circle', () => {
  it('at the packets of the wrong answer', () => {
    expect(marks(items(load('s2')))).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
  });
  it('at the evidence of the handshake, at the first repeat, at the event', () => {
    expect(marks(items(load('s4')))).toEqual([
      [3, 1],
      [4, 2],
      ['event', 3],
      [14, 4],
      [15, 5],
    ]);
  });
  it('at a shut fold, when only that holds its packets', () => {
    const ladder = load('s4');
    for (const r of ladder.rows ?? []) if (r.kind !== 'fold') r.callouts = [];
    expect(marks(items(ladder))).toEqual([['fold', 2]]);
  });
});

describe('folds', () => {
  const s4 = load('s4');
  const fold = (s4.rows ?? []).find((r) => r.kind === 'fold')!;
  it('stand as one item with their exchanges', () => {
    const item = items(s4).find((i) => i.kind === 'fold')!;
    expect(item.groups.map((g) => g.map((r) => r.number))).toEqual([
      [6, 7],
      [8, 9],
      [10, 11],
    ]);
  });
  it('open into their rows between a head and a foot', () => {
    const list = items(s4, [foldId(fold)]);
    const head = list.findIndex((i) => i.kind === 'foldhead');
    expect(list.slice(head, head + 8).map((i) => i.row.number || i.kind)).toEqual([
      'foldhead',
      6,
      7,
      8,
      9,
      10,
      11,
      'foldfoot',
    ]);
  });
  it('keep counting repeats of the same packet while shut', () => {
    expect(items(s4).find((i) => i.row.number === 12)?.nth).toBe(5);
    expect(items(s4, [foldId(fold)]).find((i) => i.row.number === 12)?.nth).toBe(5);
  });
  it('wait for rows that were left out, and show those that are given', () => {
    const ladder = bulk(100, true);
    const id = foldId((ladder.rows ?? [])[3]);
    expect(items(ladder, [id]).some((i) => i.kind === 'loading')).toBe(true);
    const given = new Map([[id, [row({ number: 4, flags: 'ACK' })]]]);
    const list = plan(ladder, { open: new Set([id]), given, strips: [] });
    expect(list.some((i) => i.kind === 'loading')).toBe(false);
    expect(list.some((i) => i.row.number === 4)).toBe(true);
  });
  it('part exchanges at pauses', () => {
    const rows = [0, 1e6, 5e9, 5.001e9, 9e9].map((at, i) => row({ at, number: i + 1 }));
    expect(groupsOf(rows).map((g) => g.length)).toEqual([2, 2, 1]);
  });
});

describe('hops', () => {
  it('hang on their packet, and one of them in the ladder has words', () => {
    const with_ = items(load('s2')).filter((i) => i.hops.length);
    expect(with_.map((i) => [i.row.number, i.labelled])).toEqual([
      [1, true],
      [4, false],
    ]);
  });
});

it('names every item once', () => {
  for (const name of ['s2', 's4', 'fourlanes']) {
    const ids = items(load(name)).map((i) => i.id);
    expect(new Set(ids).size).toBe(ids.length);
  }
});
