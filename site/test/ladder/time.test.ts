import { describe, expect, it } from 'vitest';
import { clockOf, duration, roughDuration } from '../../src/ladder/time';
import { bulk } from './bulk';
import { load } from './fixtures';

describe('duration', () => {
  const cases: [number, string, string][] = [
    [0, '0 µs', '0 µs'],
    [820, '820 ns', '820 ns'],
    [15_000, '15 µs', '15 µs'],
    [13_200, '13.2 µs', '13.2 µs'],
    [154_000, '154 µs', '154 µs'],
    [1_240_000, '1.24 ms', '1.24 ms'],
    [299_000_000, '299 ms', '299 ms'],
    [1_041_801_000, '1.0418 s', '1.0418 秒'],
    [48_200_518_000, '48.2005 s', '48.2005 秒'],
    [706e9, '11 min 46 s', '11 分 46 秒'],
    [3600e9, '1 h', '1 小时'],
    [90061e9, '1 d 1 h', '1 天 1 小时'],
  ];
  for (const [ns, en, zh] of cases) {
    it(`${ns} ns`, () => {
      expect(duration(ns, 'en')).toBe(en);
      expect(duration(ns, 'zh')).toBe(zh);
    });
  }
  it('says a computed time without digits that it does not have', () => {
    expect(roughDuration(95_999_551_000, 'en')).toBe('≈ 96 s');
  });
});

describe('clock', () => {
  it('puts the digits that all rows share into the head', () => {
    const clock = clockOf(load('s2'), 1_042_105_000, 'absolute', 'en');
    expect(clock.head).toBe('18:56');
    expect(clock.row(154_000)).toBe('40.353506');
    expect(clock.full(154_000)).toBe('18:56:40.353506');
  });
  it('goes to milliseconds when the ladder spans minutes', () => {
    const clock = clockOf(load('s4'), 895e9, 'absolute', 'en');
    expect(clock.head).toBe('');
    expect(clock.row(49_000)).toBe('08:42:18.387');
    expect(clock.rough(189_200_740_000)).toBe('08:45:27');
  });
  it('names the zone when the capture has a date, and the date in full', () => {
    const clock = clockOf(bulk(10), 1e9, 'absolute', 'en');
    expect(clock.head).toBe('22:13 UTC');
    expect(clock.full(0)).toBe('2023-11-14 22:13:20.000000');
  });
  it('counts the days that begin within a ladder', () => {
    const clock = clockOf(load('noanswer'), 7.06e9, 'absolute', 'en');
    expect(clock.row(0)).toBe('23:59:58.000');
    expect(clock.row(3.0294e9)).toBe('+1d 00:00:01.029');
  });
  it('counts from the first row in relative mode', () => {
    const clock = clockOf(load('s2'), 1_042_105_000, 'relative', 'zh');
    expect(clock.head).toBe('秒');
    expect(clock.row(1_041_970_000)).toBe('1.041970');
  });
});
