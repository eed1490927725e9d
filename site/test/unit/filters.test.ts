import { describe, expect, it } from 'vitest';
import type { Ladder } from '../../src/contract';
import { filtersOf } from '../../src/filters';
import s2 from '../fixtures/s2.ladder.json';

const two = (a: [string, number], b: [string, number]) =>
  ({
    lanes: [a, b].map(([address, port]) => ({ address, port })),
    rows: [
      { kind: 'packet', class: 'control', from: 0, to: 1 },
      { kind: 'fold', rows: [{ kind: 'packet', class: 'data', from: 1, to: 0 }] },
    ],
  }) as unknown as Ladder;

describe('filters for other tools', () => {
  it('names both ends of one connection once', () => {
    const { wireshark, tcpdump } = filtersOf(two(['10.0.0.1', 40000], ['10.0.0.2', 80]));
    expect(wireshark).toBe('ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && tcp.port == 40000 && tcp.port == 80');
    expect(tcpdump).toBe('host 10.0.0.1 and host 10.0.0.2 and tcp port 40000 and tcp port 80');
  });

  it('joins the connections of an incident', () => {
    const { tcpdump } = filtersOf(s2 as unknown as Ladder);
    expect(tcpdump.match(/\bor\b/g)).toHaveLength(1);
    expect(tcpdump).toContain('host 10.4.26.234');
    expect(tcpdump).toContain('host 10.4.26.11');
  });

  it('speaks IPv6', () => {
    expect(filtersOf(two(['2001:db8::1', 1], ['2001:db8::2', 1])).wireshark).toBe(
      'ipv6.addr == 2001:db8::1 && ipv6.addr == 2001:db8::2 && tcp.port == 1',
    );
  });
});
