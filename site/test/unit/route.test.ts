import { describe, expect, it } from 'vitest';
import { emptyRoute, formatRoute, hasCapture, parseRoute, sameCapture } from '../../src/route';

describe('the address behind #', () => {
  it('says again what it read', () => {
    const hash = '#sample=self-connect&finding=syn-no-answer.2&packet=12&lang=zh&view=reader';
    expect(formatRoute(parseRoute(hash))).toBe(hash);
  });

  it('keeps a file name whole, whatever is in it', () => {
    const route = { ...emptyRoute, file: 'trace & error #1 (中文).pcap' };
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it('takes nonsense for nothing', () => {
    expect(parseRoute('#packet=-3&lang=fr&view=upside-down&conversation=x')).toEqual(emptyRoute);
    expect(hasCapture(parseRoute('#lang=zh'))).toBe(false);
  });

  it('knows the capture from what is shown of it', () => {
    const a = parseRoute('#sample=a&packet=1');
    expect(sameCapture(a, parseRoute('#sample=a&finding=b'))).toBe(true);
    expect(sameCapture(a, parseRoute('#sample=b&packet=1'))).toBe(false);
  });
});
