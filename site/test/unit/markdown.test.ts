import { describe, expect, it } from 'vitest';
import type { Ladder, Report } from '../../src/contract';
import { markdown } from '../../src/markdown';
import report from '../fixtures/report-s2.json';
import s2 from '../fixtures/s2.ladder.json';

const { findings } = report as unknown as Report;
const ladder = s2 as unknown as Ladder;

describe('an incident as Markdown', () => {
  const en = markdown(findings[0], ladder, 'en');

  it('tells it in the order of the page', () => {
    const heads = en.split('\n').filter((line) => line.startsWith('#'));
    expect(heads).toEqual([
      '# The SYN was answered from another address',
      '## What happened',
      '## What it usually means',
      '## What else it could be',
      '## Ruled out by these packets',
      '## How to confirm',
      '## How to fix it',
      '## Where this is documented',
    ]);
  });

  it('keeps the ladder apart, as it is', () => {
    const fences = en.split('```');
    expect(fences).toHaveLength(3);
    expect(fences[1]).toContain('10.4.26.234');
  });

  it('leaves out what the finding does not say', () => {
    expect(markdown(findings[1], ladder, 'zh')).not.toMatch(/如何修复|出处/);
  });
});
