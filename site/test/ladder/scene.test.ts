import { describe, expect, it } from 'vitest';
import { drop } from '../../src/ladder/arrow';
import { layout, type Scene } from '../../src/ladder/layout';
import { type Measure, tableMeasure } from '../../src/ladder/measure';
import { foldId } from '../../src/ladder/plan';
import type { Mark } from '../../src/ladder/scene';
import { drawable } from '../../src/ladder/states';
import type { Ladder, State } from '../../src/ladder/types';
import { bulk, row } from './bulk';
import { load, NAMES } from './fixtures';

/** Widths of an ordinary face; the table is of the widest. */
const measure: Measure = (text, style) => tableMeasure(text, style) * 0.88;
const scene = (name: string, width = 704) => layout(load(name), { width, lang: 'en', measure });
const y = (s: Scene, number: number) => s.items.find((i) => i.row.number === number)!.y;
const flat = (marks: Mark[]): Mark[] => marks.flatMap((m) => (m.kind === 'group' ? flat(m.marks) : [m]));
const rects = (s: Scene, cls: string) =>
  s.view().lanes.filter((m) => m.kind === 'rect' && m.cls === cls) as { y: number; h: number; x: number; w: number }[];

describe('the drawing rules', () => {
  it('stands the lanes where the rules say', () => {
    expect(scene('s2').columns.x).toEqual([176, 402, 628]);
    expect(scene('s4').columns.x).toEqual([214, 548]);
    expect(scene('s2', 358).columns).toMatchObject({ x: [62, 195, 328], narrow: true });
  });
  it('sets rows 68 apart with three lanes, 58 with two', () => {
    const s2 = scene('s2');
    expect([y(s2, 2) - y(s2, 1), y(s2, 3) - y(s2, 2)]).toEqual([68, 68]);
    const s4 = scene('s4');
    expect([y(s4, 2) - y(s4, 1), y(s4, 3) - y(s4, 2)]).toEqual([58, 58]);
  });
  it('slants an arrow by the logarithm of the delay, between 6 and 28', () => {
    expect(drop(row({ oneWay: -1 }))).toBe(0);
    expect(drop(row({ oneWay: 1000 }))).toBe(6);
    expect(drop(row({ oneWay: 22_500 }))).toBeCloseTo(7.76, 2);
    expect(drop(row({ oneWay: 59_500 }))).toBeCloseTo(9.87, 2);
    expect(drop(row({ oneWay: 10e9 }))).toBe(28);
  });
  it('cuts the lane that an arrow passes, five to each side', () => {
    const s = scene('s2');
    const lane = s.view().lanes.find((m) => m.kind === 'path' && m.cls === 'lane' && m.d.startsWith('M402 ')) as {
      d: string;
    };
    const ends = [...lane.d.matchAll(/M402 ([\d.]+)V([\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])]);
    const gaps = ends.slice(1).map(([from], i) => from - ends[i][1]);
    expect(gaps.map((g) => Math.round(g))).toEqual([10, 10, 20, 10, 10]);
  });
  it('joins state bars to the arrows that change the state', () => {
    const s = scene('s4');
    const hollow = rects(s, 'st-syn');
    const solid = rects(s, 'st-est');
    expect(hollow[0].y).toBe(y(s, 1) - 8);
    expect(hollow[0].y + hollow[0].h).toBeCloseTo(y(s, 2) + 8);
    expect(solid[0].y).toBeCloseTo(y(s, 2) + 8);
    const hatched = rects(s, 'st-hatch');
    expect(hatched[0].y).toBe(y(s, 1));
    const last = hatched[hatched.length - 1];
    expect(last.y + last.h).toBe(s.items.find((i) => i.kind === 'event')!.y);
  });
  it('makes the bars of timers as long as their times', () => {
    const bars = scene('s4')
      .view()
      .over.filter((m) => m.kind === 'rect' && m.cls === 'dur') as { w: number }[];
    expect(bars.map((b) => Number((b.w / 0.9).toFixed(1)))).toEqual([3, 6, 12, 24, 48, 96]);
  });
});

describe('to scale', () => {
  const s = layout(load('s2'), { width: 704, lang: 'en', times: 'scale', measure });
  it('sets rows apart in proportion, not closer than they can be read', () => {
    const d = (a: number, b: number) => y(s, b) - y(s, a);
    expect(d(1, 2)).toBe(220);
    expect(d(4, 5)).toBe(170);
    expect(d(2, 3)).toBe(68);
  });
  it('keeps gaps as bands', () => {
    expect(s.items.find((i) => i.kind === 'gap')?.height).toBe(60);
  });
});

describe('states of several connections at one lane', () => {
  const base = load('crosswired');
  const state = (lane: number, from: number, to: number, name = 'ESTABLISHED'): State => ({
    lane,
    name,
    from,
    to,
    inferred: true,
  });
  it('take the half that faces the peer', () => {
    const rows = [row({ at: 0, from: 1, to: 0 }), row({ at: 5e6, from: 1, to: 2 })];
    const ladder: Ladder = { ...base, rows, states: [state(1, 0, 9e6), state(1, 5e6, 8e6, 'SYN_SENT')] };
    expect(drawable(ladder).map((s) => s.half)).toEqual(['left', 'right']);
  });
  it('are left out where they share the peer too', () => {
    const rows = [row({ at: 0, from: 0, to: 1 }), row({ at: 5e6, from: 0, to: 1 })];
    const ladder: Ladder = { ...base, rows, states: [state(0, 0, 9e6), state(0, 5e6, 8e6), state(1, 0, 1e6)] };
    expect(drawable(ladder).map((s) => s.lane)).toEqual([1]);
  });
});

describe('long ladders', () => {
  const long = layout(bulk(100_000), { width: 704, lang: 'en' });
  it('draw only the rows between two heights', () => {
    const view = long.view(2_000_000, 2_001_000);
    expect(view.pictures.length).toBeGreaterThan(15);
    expect(view.pictures.length).toBeLessThan(40);
    expect(view.pictures[0].top).toBeLessThanOrEqual(2_000_000);
    const last = view.pictures[view.pictures.length - 1];
    expect(last.top + last.height).toBeGreaterThanOrEqual(2_001_000);
  });
  it('find a packet and its height', () => {
    const index = long.indexOf(77_777);
    expect(long.items[index].row.number).toBe(77_777);
    expect(long.indexAt(long.items[index].top + 3)).toBe(index);
  });
  it('are laid out in a moment', () => {
    const ladder = bulk(100_000);
    const begin = performance.now();
    layout(ladder, { width: 640, lang: 'zh' });
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});

describe('whatever the width', () => {
  for (const name of NAMES) {
    it(`${name}: rows follow without holes, the same in parts as in whole`, () => {
      for (const width of [320, 704, 1200]) {
        const ladder = load(name);
        const open = new Set((ladder.rows ?? []).filter((r) => r.kind === 'fold').map(foldId));
        const s = layout(ladder, { width, lang: 'zh', open });
        s.items.forEach((item, i) => {
          if (i) expect(item.top).toBe(s.items[i - 1].top + s.items[i - 1].height);
        });
        const middle = s.height / 2;
        const parts = new Set([...s.view(0, middle).pictures, ...s.view(middle, s.height).pictures].map((p) => p.id));
        expect([...parts]).toEqual(s.view().pictures.map((p) => p.id));
      }
    });
  }
});

it('draws a gap on every lane and on the rail', () => {
  const gap = scene('s2')
    .view()
    .pictures.find((p) => p.ground.some((m) => m.kind === 'rect' && m.cls === 'gapband'))!;
  expect(flat(gap.marks).filter((m) => m.kind === 'path' && m.cls === 'zig')).toHaveLength(4);
});

it('lays an empty ladder out', () => {
  const empty = { ...load('s2'), rows: null, states: null, timers: null, lanes: null };
  expect(layout(empty, { width: 704, lang: 'en' }).height).toBeGreaterThan(0);
});

it('grows wider than its place when the lanes are too many, rather than unreadable', () => {
  const many = load('s2');
  const lane = (many.lanes ?? [])[1];
  many.lanes = Array.from({ length: 40 }, (_, i) => ({ ...lane, id: `lane ${i}` }));
  const s = layout(many, { width: 704, lang: 'en' });
  expect(s.width).toBeGreaterThan(2000);
  expect(s.columns.x[1] - s.columns.x[0]).toBeGreaterThanOrEqual(64);
});
