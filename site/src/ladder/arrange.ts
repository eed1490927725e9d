// The reader's own order of the lanes: moved, hidden, renamed, put together.

import type { Ladder, Lane, Row } from './types';

export interface Arrangement {
  /** Lane ids from left to right; those not named follow in their own order. */
  order?: string[];
  hidden?: string[];
  /** Own names, shown as the lane's role. */
  names?: Record<string, string>;
  /** Lanes drawn as another one: the lane's id to the other's. */
  merged?: Record<string, string>;
}

const NOTHING: Arrangement = {};

/** The lane that a lane is drawn as; chains are followed, circles end where they began. */
function target(id: string, merged: Record<string, string>): string {
  const seen = new Set<string>();
  let at = id;
  while (merged[at] && !seen.has(at)) {
    seen.add(at);
    at = merged[at];
  }
  return at;
}

/** The ids in their order, without the hidden and the merged ones. */
function shownIds(lanes: Lane[], a: Arrangement): string[] {
  const wanted = a.order ?? [];
  const rank = (id: string) => (wanted.includes(id) ? wanted.indexOf(id) : wanted.length);
  return lanes
    .map((lane) => lane.id)
    .filter((id) => !a.hidden?.includes(id) && target(id, a.merged ?? {}) === id)
    .sort((p, q) => rank(p) - rank(q));
}

function mergedLane(lane: Lane, lanes: Lane[], a: Arrangement): Lane {
  const others = lanes.filter((l) => l.id !== lane.id && target(l.id, a.merged ?? {}) === lane.id);
  const own = a.names?.[lane.id];
  const plus = others.map((l) => `+ ${l.address}${l.port ? `:${l.port}` : ''}`).join(' ');
  return {
    ...lane,
    role: own ? { en: own, zh: own } : lane.role,
    note: plus ? { en: plus, zh: plus } : lane.note,
    capturedHere: lane.capturedHere || others.some((l) => l.capturedHere),
    silent: lane.silent && others.every((l) => l.silent),
    foot: plus ? { en: '', zh: '' } : lane.foot,
  };
}

/** A row with its lanes moved; null when it stands on a hidden one. */
function movedRow(row: Row, place: number[]): Row | null {
  if (row.kind === 'fold') {
    const rows = (row.rows ?? []).map((r) => movedRow(r, place)).filter((r) => r !== null);
    if (row.rows?.length && !rows.some((r) => r.kind === 'packet')) return null;
    const known = place[row.from] >= 0 && place[row.to] >= 0;
    return {
      ...row,
      rows,
      from: known ? place[row.from] : 0,
      to: known ? place[row.to] : 0,
      count: row.rows?.length ? rows.filter((r) => r.kind === 'packet').length : row.count,
    };
  }
  if (row.kind === 'gap') return row;
  if (row.kind === 'event') return place[row.lane] < 0 ? null : { ...row, lane: place[row.lane] };
  const [from, to] = [place[row.from], place[row.to]];
  return from < 0 || to < 0 ? null : { ...row, from, to };
}

/** The ladder as the reader has arranged it; the ladder itself when nothing is. */
export function arrange(ladder: Ladder, arrangement: Arrangement = NOTHING): Ladder {
  const lanes = ladder.lanes ?? [];
  const ids = shownIds(lanes, arrangement);
  const changed = arrangement.names && Object.keys(arrangement.names).length > 0;
  if (!changed && ids.length === lanes.length && ids.every((id, i) => id === lanes[i].id)) return ladder;
  const place = lanes.map((lane) => ids.indexOf(target(lane.id, arrangement.merged ?? {})));
  const at = <T extends { lane: number }>(list: T[] | null): T[] =>
    (list ?? []).filter((x) => place[x.lane] >= 0).map((x) => ({ ...x, lane: place[x.lane] }));
  return {
    ...ladder,
    lanes: ids.map((id) => mergedLane(lanes.find((l) => l.id === id) as Lane, lanes, arrangement)),
    rows: (ladder.rows ?? []).map((row) => movedRow(row, place)).filter((row) => row !== null),
    states: at(ladder.states),
    timers: at(ladder.timers),
  };
}

/** The arrangement with one lane moved by a number of places. */
export function moveLane(ladder: Ladder, a: Arrangement, id: string, by: number): Arrangement {
  const order = shownIds(ladder.lanes ?? [], a);
  const from = order.indexOf(id);
  const to = Math.min(Math.max(from + by, 0), order.length - 1);
  if (from < 0 || from === to) return a;
  order.splice(to, 0, ...order.splice(from, 1));
  return { ...a, order };
}
