import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../src/pack';

describe('a capture in an address', () => {
  it('comes back as it was, whatever its bytes', async () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 197 + (i >> 3)) & 255);
    const text = await pack(bytes);
    expect(text).toMatch(/^[\w-]+$/);
    expect(await unpack(text)).toEqual(bytes);
  });

  it('is refused when it is cut', async () => {
    const text = await pack(new TextEncoder().encode('18:56:40.353352 IP 10.4.26.45.35582 > 10.4.26.234.80'));
    await expect(unpack(text.slice(0, 20))).rejects.toThrow();
  });
});
