import { describe, expect, it } from 'vitest';
import { layout } from '../../src/ladder/layout';
import { foldId } from '../../src/ladder/plan';
import type { Ladder, Lang } from '../../src/ladder/types';
import { faults } from './boxes';
import { load, NAMES, random } from './fixtures';

const WIDTHS = [320, 358, 480, 640, 704, 736, 1000, 1200];
const LANGS: Lang[] = ['en', 'zh'];

function check(ladder: Ladder, width: number, lang: Lang): string[] {
  const folds = (ladder.rows ?? []).filter((r) => r.kind === 'fold').map(foldId);
  return (['absolute', 'relative', 'delta', 'scale'] as const).flatMap((times) =>
    [new Set<string>(), new Set(folds)].flatMap((open) => faults(layout(ladder, { width, lang, times, open }))),
  );
}

describe('no text overlaps, lies under a lane or leaves the page', () => {
  for (const name of NAMES) {
    for (const width of WIDTHS) {
      for (const lang of LANGS) {
        it(`${name} ${width} ${lang}`, () => expect(check(load(name), width, lang)).toEqual([]));
      }
    }
  }
  for (let seed = 1; seed <= 60; seed++) {
    it(`made-up ladder ${seed}`, () => {
      const ladder = random(seed);
      for (const width of [320, 358, 704, 1000]) {
        for (const lang of LANGS)
          expect([width, lang, ...faults(layout(ladder, { width, lang }))]).toEqual([width, lang]);
      }
    });
  }
});
