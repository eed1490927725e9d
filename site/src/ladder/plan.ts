// From rows to items: what stands in the ladder, in order, folds open or shut.
// Heights and places come after, in layout.ts.

import type { Placed } from './states';
import type { Ladder, Row } from './types';

export type ItemKind = 'packet' | 'gap' | 'event' | 'fold' | 'foldhead' | 'foldfoot' | 'strip' | 'loading';

export interface Item {
  id: string;
  kind: ItemKind;
  row: Row;
  /** Inferred continuations of the packet. */
  hops: Row[];
  /** Rows drawn together in a shut fold of repeats. */
  groups: Row[][];
  /** How many times its original had been sent again, this one included. */
  nth: number;
  /** Labels of hops are drawn once in a ladder. */
  labelled: boolean;
  /** Sentences whose circle stands here. */
  marks: number[];
  /** State words of a strip. */
  states: Placed[];
  dense: boolean;
  top: number;
  height: number;
  /** Empty height at the top that stands for time, when drawn to scale. */
  lead: number;
  /** The time line of the row, and of the last row it stands for. */
  y: number;
  lastY: number;
  lastAt: number;
}

export interface PlanOptions {
  open: ReadonlySet<string>;
  /** Rows of folds that came without them. */
  given: ReadonlyMap<string, Row[]>;
  /** States whose word stands inside the ladder, in a strip of its own. */
  strips: Placed[];
}

const DENSE_FROM = 60;

const NONE: never[] = [];

/** One literal, shared empty lists: there may be a hundred thousand of these. */
function blank(kind: ItemKind, row: Row, id: string): Item {
  return {
    id,
    kind,
    row,
    hops: NONE,
    groups: NONE,
    nth: 0,
    labelled: false,
    marks: NONE,
    states: NONE,
    dense: false,
    top: 0,
    height: 0,
    lead: 0,
    y: 0,
    lastY: 0,
    lastAt: row.at,
  };
}

const isPlain = (row: Row): boolean =>
  !row.senderNote?.en && !row.receiverNote?.en && !row.ring && !row.evidence && !row.callouts?.length;

/** The name of a fold: stable over widths, languages and reloads. */
export const foldId = (row: Row): string =>
  `fold-${row.foldFirst || row.rows?.find((r) => r.number)?.number || row.at}`;

class Planner {
  readonly items: Item[] = [];
  private readonly again = new Map<number, number>();
  private hopLabelled = false;
  private readonly ids = new Set<string>();
  private serial = 0;

  constructor(private readonly options: PlanOptions) {}

  add(rows: Row[]): void {
    for (const row of rows) {
      if (row.kind === 'hop') this.hop(row);
      else if (row.kind === 'fold') this.fold(row);
      else this.push(row.kind, row, row.number ? `p${row.number}` : `${row.kind}${this.serial++}`);
    }
  }

  private push(kind: ItemKind, row: Row, id: string): Item {
    const item = blank(kind, row, this.ids.has(id) ? `${id}-${this.serial++}` : id);
    this.ids.add(item.id);
    if (row.repeated) item.nth = this.count(row);
    this.items.push(item);
    return item;
  }

  private count(row: Row): number {
    const n = (this.again.get(row.repeats) ?? 0) + 1;
    this.again.set(row.repeats, n);
    return row.repeats > 0 ? n : 0;
  }

  private hop(row: Row): void {
    const before = this.items[this.items.length - 1];
    if (before?.kind !== 'packet') return;
    before.hops = [...before.hops, row];
    before.labelled ||= !this.hopLabelled && !!row.label?.en;
    this.hopLabelled ||= !!row.label?.en;
  }

  private fold(row: Row): void {
    const id = foldId(row);
    const rows = this.options.given.get(id) ?? row.rows ?? [];
    if (!this.options.open.has(id)) {
      this.shut(row, id, rows);
      return;
    }
    this.push('foldhead', row, id);
    if (rows.length) this.add(rows);
    else this.push('loading', row, `${id}-loading`);
    this.push('foldfoot', row, `${id}-end`);
  }

  private shut(row: Row, id: string, rows: Row[]): void {
    const item = this.push('fold', row, id);
    for (const r of rows) if (r.repeated) this.count(r);
    if (row.foldStyle === 'repeat') item.groups = groupsOf(rows);
    const last = rows[rows.length - 1];
    item.lastAt = last ? last.at : row.at + Math.max(row.duration, 0);
  }
}

const QUIET = 200e6;

/** Exchanges of a run of repeats: a new one starts after a pause. */
export function groupsOf(rows: Row[]): Row[][] {
  const groups: Row[][] = [];
  let last: Row | undefined;
  for (const row of rows) {
    if (row.kind !== 'packet') continue;
    if (!last || row.at - last.at > QUIET) groups.push([]);
    groups[groups.length - 1].push(row);
    last = row;
  }
  return groups;
}

const isRow = (item: Item): boolean => ['packet', 'event', 'fold'].includes(item.kind);

/** Puts a strip with state words after the row at which the states begin. */
function withStrips(items: Item[], states: Placed[]): Item[] {
  if (!states.length) return items;
  const after = new Map<number, Placed[]>();
  for (const state of states) {
    let at = -1;
    items.forEach((item, i) => {
      if (isRow(item) && item.row.at <= state.from + 0.5) at = i;
    });
    after.set(at, [...(after.get(at) ?? []), state]);
  }
  return items.flatMap((item, i) => [item, ...strips(after.get(i) ?? [], item.row)]);
}

/** One strip per set of states of different lanes. */
function strips(states: Placed[], row: Row): Item[] {
  const rest = [...states];
  const out: Item[] = [];
  while (rest.length) {
    const item = blank('strip', row, `strip-${rest[0].lane}-${rest[0].from}`);
    item.states = rest.filter((s, i) => rest.findIndex((o) => o.lane === s.lane) === i);
    for (const s of item.states) rest.splice(rest.indexOf(s), 1);
    out.push(item);
  }
  return out;
}

/** All sentences that an item is cited by, folded rows included. */
export function sentencesOf(item: Item): number[] {
  if (item.kind !== 'fold') return item.row.callouts ?? NONE;
  const all = [item.row, ...(item.row.rows ?? [])].flatMap((r) => r.callouts ?? []);
  return [...new Set(all)];
}

/** Packets an item stands for. */
export function packetsOf(item: Item): number[] {
  if (item.kind === 'fold') return (item.row.rows ?? []).map((r) => r.number).filter((n) => n > 0);
  return item.row.number > 0 && item.kind === 'packet' ? [item.row.number] : [];
}

/**
 * Gives every sentence one circle: the sentences with the fewest rows choose
 * first, evidence before the rest, rows without a circle before the others.
 */
function placeMarks(items: Item[]): void {
  const cited = new Map<number, Item[]>();
  for (const item of items) {
    if (item.kind === 'strip' || item.kind === 'foldfoot' || item.kind === 'foldhead') continue;
    for (const s of sentencesOf(item)) {
      const items = cited.get(s);
      if (items) items.push(item);
      else cited.set(s, [item]);
    }
  }
  const order = [...cited].sort((a, b) => a[1].length - b[1].length || a[0] - b[0]);
  for (const [sentence, rows] of order) {
    const free = rows.filter((r) => !r.marks.length);
    const pick = free.find((r) => r.row.evidence) ?? free[0] ?? rows[0];
    pick.marks = [...pick.marks, sentence].sort((a, b) => a - b);
  }
}

/** The items of a ladder, top to bottom, without places. */
export function plan(ladder: Ladder, options: PlanOptions): Item[] {
  const planner = new Planner(options);
  planner.add(ladder.rows ?? []);
  const items = withStrips(planner.items, options.strips);
  placeMarks(items);
  const many = items.length > DENSE_FROM;
  for (const item of items) item.dense = many && item.kind === 'packet' && isPlain(item.row) && !item.hops.length;
  return items;
}
