// The drawings of the fixtures, mark by mark, against reviewed ones. After a
// wanted change: UPDATE_PICTURES=1 npx vitest run test/ladder/pictures, then
// look at every changed file in a browser.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { layout } from '../../src/ladder/layout';
import { toSVG } from '../../src/ladder/tosvg';
import type { Lang } from '../../src/ladder/types';
import { load, NAMES } from './fixtures';

const folder = fileURLToPath(new URL('../fixtures/pictures', import.meta.url));

describe('the reviewed pictures', () => {
  for (const name of NAMES) {
    for (const [width, lang] of [
      [704, 'en'],
      [358, 'zh'],
    ] as [number, Lang][]) {
      it(`${name} ${width} ${lang}`, () => {
        const svg = `${toSVG(layout(load(name), { width, lang }), { theme: 'light', paper: true })}\n`;
        const file = `${folder}/${name}-${width}-${lang}.svg`;
        if (process.env.UPDATE_PICTURES) {
          mkdirSync(folder, { recursive: true });
          writeFileSync(file, svg);
        }
        expect(existsSync(file)).toBe(true);
        expect(svg).toBe(readFileSync(file, 'utf8'));
      });
    }
  }
});
