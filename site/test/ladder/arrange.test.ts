import { describe, expect, it } from 'vitest';
import { arrange, moveLane } from '../../src/ladder/arrange';
import { layout } from '../../src/ladder/layout';
import type { Ladder } from '../../src/ladder/types';
import { faults } from './boxes';
import { load, random } from './fixtures';

const s2 = load('s2');
const [client, vip, pod] = (s2.lanes ?? []).map((l) => l.id);
const ends = (l: Ladder) => (l.rows ?? []).filter((r) => r.kind === 'packet').map((r) => [r.number, r.from, r.to]);

describe('lanes as the reader wants them', () => {
  it('leaves a ladder alone when nothing is asked', () => {
    expect(arrange(s2)).toBe(s2);
    expect(arrange(s2, { order: [client, vip, pod], hidden: [], names: {} })).toBe(s2);
  });
  it('moves lanes and everything on them', () => {
    const moved = arrange(s2, { order: [pod, client, vip] });
    expect((moved.lanes ?? []).map((l) => l.id)).toEqual([pod, client, vip]);
    expect(ends(moved).slice(0, 3)).toEqual([
      [1, 1, 2],
      [2, 0, 1],
      [3, 1, 0],
    ]);
  });
  it('hides a lane with the packets from and to it', () => {
    const shown = arrange(s2, { hidden: [vip] });
    expect(ends(shown)).toEqual([
      [2, 1, 0],
      [3, 0, 1],
      [5, 1, 0],
      [6, 0, 1],
    ]);
    expect((shown.rows ?? []).some((r) => r.kind === 'hop')).toBe(false);
  });
  it('puts two addresses of one host together', () => {
    const one = arrange(s2, { merged: { [pod]: vip } });
    expect((one.lanes ?? []).map((l) => l.note.en)).toEqual(['', '+ 10.4.26.11:80']);
    expect(ends(one)[1]).toEqual([2, 1, 0]);
    expect((one.lanes ?? [])[1].silent).toBe(false);
  });
  it('survives lanes that are put together in a circle', () => {
    expect(() => arrange(s2, { merged: { [pod]: vip, [vip]: pod } })).not.toThrow();
  });
  it('shows own names', () => {
    expect((arrange(s2, { names: { [vip]: 'k8s svc' } }).lanes ?? [])[1].role.zh).toBe('k8s svc');
  });
  it('moves states, timers and folded rows too', () => {
    const s4 = load('s4');
    const moved = arrange(s4, { order: [(s4.lanes ?? [])[1].id] });
    expect((moved.timers ?? []).every((t) => t.lane === 0)).toBe(true);
    expect((moved.states ?? []).find((s) => s.name === 'SYN_RECV')?.lane).toBe(0);
    const fold = (moved.rows ?? []).find((r) => r.kind === 'fold');
    expect(fold?.rows?.[0]).toMatchObject({ number: 6, from: 0, to: 1 });
    expect(fold?.count).toBe(6);
  });
  it('can be laid out whatever is asked', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const ladder = random(seed);
      const ids = (ladder.lanes ?? []).map((l) => l.id);
      const made = arrange(ladder, {
        order: [...ids].reverse(),
        hidden: ids.slice(2, 3),
        merged: { [ids[1]]: ids[0] },
      });
      expect(faults(layout(made, { width: 704, lang: 'en' }))).toEqual([]);
    }
  });
});

describe('moving by one place', () => {
  it('stops at the edges', () => {
    expect(moveLane(s2, {}, pod, -1).order).toEqual([client, pod, vip]);
    expect(moveLane(s2, {}, client, -1)).toEqual({});
  });
});
