// Walking the rows of a ladder by key.

import type { Item } from './plan';

type Items = readonly Item[];

const any = (): boolean => true;
const evidence = (item: Item): boolean => item.row.evidence && item.kind === 'packet';

/** Rows that can hold the focus. */
const stops = (item: Item): boolean => ['packet', 'event', 'fold', 'foldhead'].includes(item.kind);

/** The next row in a direction that passes a test; the same one when there is none. */
export function step(items: Items, from: number, by: 1 | -1, wanted: (item: Item) => boolean = any): number {
  for (let i = from + by; i >= 0 && i < items.length; i += by) {
    if (stops(items[i]) && wanted(items[i])) return i;
  }
  return Math.max(0, Math.min(from, items.length - 1));
}

function leap(items: Items, from: number, by: 1 | -1): number {
  let at = from;
  for (let i = 0; i < 10; i++) at = step(items, at, by);
  return at;
}

/** Where a key leads from a row; null when it is no key for walking. */
export function walk(items: Items, from: number, key: string): number | null {
  switch (key) {
    case 'ArrowDown':
      return step(items, from, 1);
    case 'ArrowUp':
      return step(items, from, -1);
    case 'ArrowRight':
      return step(items, from, 1, evidence);
    case 'ArrowLeft':
      return step(items, from, -1, evidence);
    case 'Home':
      return step(items, -1, 1);
    case 'End':
      return step(items, items.length, -1);
    case 'PageDown':
      return leap(items, from, 1);
    case 'PageUp':
      return leap(items, from, -1);
    default:
      return null;
  }
}

/** Index of the fold that a row is, or stands in; -1. */
export function foldAround(items: Items, index: number): number {
  if (items[index]?.kind === 'fold') return index;
  let depth = 0;
  for (let i = index; i >= 0; i--) {
    if (items[i].kind === 'foldfoot') depth++;
    else if (items[i].kind === 'foldhead' && depth-- === 0) return i;
  }
  return -1;
}
