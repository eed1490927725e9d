import { describe, expect, it } from 'vitest';
import { partsOf, unnamedPackets } from '../../src/view/prose';

describe('texts of the core', () => {
  it('finds packet references and code', () => {
    expect(partsOf('The SYN #1 and `ss -tan` at #12.')).toEqual([
      'The SYN ',
      { packet: 1 },
      ' and ',
      { code: 'ss -tan' },
      ' at ',
      { packet: 12 },
      '.',
    ]);
  });

  it('leaves numbers alone that are no packets', () => {
    expect(partsOf('See cilium#9285 and x/#4, not ##3.')).toEqual(['See cilium#9285 and x/#4, not ##3.']);
  });

  it('adds packets only to a sentence that names none', () => {
    expect(unnamedPackets('先是 #4，随后同样的两个包再次出现。', [4, 5, 6])).toEqual([]);
    expect(unnamedPackets('The client sent a SYN.', [4, 5])).toEqual([4, 5]);
  });
});
