// Filters that find an incident's packets again in other tools.

import type { Ladder, Lane, Row } from './contract';

export interface Filters {
  wireshark: string;
  tcpdump: string;
}

/** Filters for the connections that a ladder draws; empty when it draws none. */
export function filtersOf(ladder: Ladder): Filters {
  const lanes = ladder.lanes ?? [];
  const pairs = new Map<string, [Lane, Lane]>();
  for (const row of packetRows(ladder.rows ?? [])) {
    const ends = [lanes[row.from], lanes[row.to]];
    if (row.from === row.to || !ends.every((lane) => lane?.address && lane.port)) continue;
    const key = [row.from, row.to].sort().join('-');
    if (!pairs.has(key)) pairs.set(key, [ends[0], ends[1]]);
  }
  const all = [...pairs.values()];
  return { wireshark: join(all.map(wireshark), '||'), tcpdump: join(all.map(tcpdump), 'or') };
}

function packetRows(rows: Row[]): Row[] {
  return rows.flatMap((row) => {
    if (row.kind === 'fold') return packetRows(row.rows ?? []);
    return row.kind === 'packet' && row.class !== 'other' ? [row] : [];
  });
}

function wireshark([a, b]: [Lane, Lane]): string {
  const family = a.address.includes(':') ? 'ipv6' : 'ip';
  const ports = a.port === b.port ? `tcp.port == ${a.port}` : `tcp.port == ${a.port} && tcp.port == ${b.port}`;
  return `${family}.addr == ${a.address} && ${family}.addr == ${b.address} && ${ports}`;
}

function tcpdump([a, b]: [Lane, Lane]): string {
  const ports = a.port === b.port ? `tcp port ${a.port}` : `tcp port ${a.port} and tcp port ${b.port}`;
  return `host ${a.address} and host ${b.address} and ${ports}`;
}

function join(clauses: string[], or: string): string {
  return clauses.length > 1 ? clauses.map((clause) => `(${clause})`).join(` ${or} `) : (clauses[0] ?? '');
}
