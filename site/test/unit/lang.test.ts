import { describe, expect, it } from 'vitest';
import { between, clock, counted, duration, size } from '../../src/lang';

describe('quantities in both languages', () => {
  it('spells lengths of time', () => {
    expect([154e3, 1.041801e9, 131e9, 7265e9].map((n) => duration(n, 'en'))).toEqual([
      '154 µs',
      '1.04 s',
      '2 min 11 s',
      '2 h 1 min',
    ]);
    expect([154e3, 1.041801e9, 131e9].map((n) => duration(n, 'zh'))).toEqual(['154 µs', '1.04 秒', '2 分 11 秒']);
  });

  it('never writes sixty seconds', () => {
    expect(duration(119.7e9, 'en')).toBe('2 min');
    expect(duration(59.9996e9, 'en')).toBe('1 min');
  });

  it('counts with plurals', () => {
    expect(counted(1, 'packet', 'packets', '个包', 'en')).toBe('1 packet');
    expect(counted(61204, 'packet', 'packets', '个包', 'en')).toBe('61,204 packets');
    expect(counted(61204, 'packet', 'packets', '个包', 'zh')).toBe('61,204 个包');
  });

  it('measures sizes', () => {
    expect([0, 999, 1500, 19_000_000, 104_857_600].map((n) => size(n, 'en'))).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '19 MB',
      '105 MB',
    ]);
  });

  it('subtracts times down to the nanosecond, however they are written', () => {
    expect(between('2019-10-11T18:56:40.353352Z', '2019-10-11T18:56:40.353506001Z')).toBe(154_001);
    expect(between('2019-10-11T18:56:40Z', '2019-10-11T18:56:41.5Z')).toBe(1_500_000_000);
  });

  it('shows the time of day as it is written', () => {
    expect(clock('2019-10-11T18:56:40.353Z', 6)).toBe('18:56:40.353000');
    expect(clock('2019-10-11T18:56:40Z', 6)).toBe('18:56:40.000000');
    expect(clock('2019-10-11T18:56:40.353Z')).toBe('18:56:40');
  });
});
