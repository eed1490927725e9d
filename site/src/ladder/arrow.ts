// The geometry of one arrow: ends, slope, head, and what it passes.

import { f, type Mark, path, rect } from './scene';
import type { Row } from './types';

export interface Arrow {
  from: number;
  to: number;
  /** Ends at the sender and at the receiver. */
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** 1 to the right, -1 to the left. */
  sign: 1 | -1;
}

/** Height difference of the two ends: the one-way delay on a logarithmic scale. */
export function drop(row: Row): number {
  if (row.oneWay < 0 || !Number.isFinite(row.oneWay)) return 0;
  const v = 6 + 5 * Math.log10(Math.max(row.oneWay, 1) / 10_000);
  return Math.min(28, Math.max(6, v));
}

/** Offsets of the ends from the row's time line: the exact end stands on it. */
export function ends(row: Row): { start: number; end: number } {
  const d = Math.round(drop(row) * 2) / 2;
  return row.exact === 'to' ? { start: -d, end: 0 } : { start: 0, end: d };
}

/** y of the arrow where it stands at x. */
export const heightAt = (a: Arrow, x: number): number =>
  a.x2 === a.x1 ? a.y1 : a.y1 + ((x - a.x1) / (a.x2 - a.x1)) * (a.y2 - a.y1);

interface Head {
  marks: Mark[];
  /** How far the line stops before the tip. */
  back: number;
}

interface Tip {
  x: number;
  y: number;
  ux: number;
  uy: number;
}

/** A point l back from the tip along the line and w beside it. */
function at(t: Tip, l: number, w: number): string {
  return `${f(t.x - t.ux * l - t.uy * w)} ${f(t.y - t.uy * l + t.ux * w)}`;
}

function stopHead(t: Tip): Head {
  const b = { ...t, x: t.x - t.ux * 2.5, y: t.y - t.uy * 2.5 };
  return {
    marks: [
      path(`M${at(b, 0, 0)}L${at(b, 9.5, 4.2)}L${at(b, 9.5, -4.2)}Z`, 'h'),
      path(`M${f(t.x)} ${f(t.y - 6)}V${f(t.y + 6)}`, 'stop'),
    ],
    back: 12,
  };
}

function resetHead(t: Tip): Head {
  const r = 4.2;
  const cx = t.x - t.ux * 8;
  const cy = t.y - t.uy * 8;
  return { marks: [path(`M${f(cx - r)} ${f(cy - r)}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`, 'h')], back: 8 };
}

function head(row: Row, t: Tip): Head {
  if (row.ignored) return stopHead(t);
  if (row.class === 'reset') return resetHead(t);
  if (row.class === 'ack' || row.class === 'other') {
    return { marks: [path(`M${at(t, 7.5, 3.8)}L${at(t, 0, 0)}L${at(t, 7.5, -3.8)}`, 'h')], back: 0.6 };
  }
  const [l, w] = row.class === 'data' ? [12, 5.2] : [9.5, 3.7];
  return { marks: [path(`M${at(t, 0, 0)}L${at(t, l, w)}L${at(t, l, -w)}Z`, 'h')], back: l - 0.5 };
}

/** The classes that say what kind of packet an arrow is. */
export function arrowClass(row: Row): string {
  const parts = [`k-${row.class || 'control'}`];
  if (row.repeated) parts.push('k-repeat');
  if (row.ignored) parts.push('k-ignored');
  if (row.inferred) parts.push('k-inferred');
  return parts.join(' ');
}

const tail = (row: Row, a: Arrow): Mark[] =>
  row.class === 'data' ? [rect(a.sign > 0 ? a.x1 : a.x1 - 7, a.y1 - 3.5, 7, 7, 0, 'h')] : [];

/** Line, head and tail of an arrow; label is how far its words reach from the sender's end. */
export function arrowMarks(row: Row, a: Arrow, label = 0): Mark[] {
  const length = Math.hypot(a.x2 - a.x1, a.y2 - a.y1) || 1;
  const tip = { x: a.x2, y: a.y2, ux: (a.x2 - a.x1) / length, uy: (a.y2 - a.y1) / length };
  if (row.lost) return lostMarks(row, a, tip, label);
  const { marks, back } = head(row, tip);
  return [
    path(`M${f(a.x1)} ${f(a.y1)}L${f(a.x2 - tip.ux * back)} ${f(a.y2 - tip.uy * back)}`, 'a'),
    ...marks,
    ...tail(row, a),
  ];
}

/** A lost packet: the line breaks off with two strokes, dots go on to nowhere. */
function lostMarks(row: Row, a: Arrow, tip: Tip, label: number): Mark[] {
  const length = Math.abs(a.x2 - a.x1);
  const x = a.x1 + a.sign * Math.min(Math.max(length * 0.62, label + 8), length * 0.86);
  const y = heightAt(a, x);
  const s = a.sign;
  return [
    path(`M${f(a.x1)} ${f(a.y1)}L${f(x)} ${f(y)}`, 'a'),
    path(`M${f(x + s * 1)} ${f(y + 6)}l4 -12M${f(x + s * 6)} ${f(y + 6)}l4 -12`, 'lost'),
    path(`M${f(x + s * 15)} ${f(heightAt(a, x + s * 15))}L${f(a.x2 - tip.ux * 6)} ${f(a.y2 - tip.uy * 6)}`, 'unseen'),
    ...tail(row, a),
  ];
}

/** A packet from a lane to itself: out, down and back in. */
export function loopMarks(row: Row, x: number, y: number, reach: number, fall: number): Mark[] {
  const s = Math.sign(reach);
  const r = 7;
  const tip = { x: x + s * (row.ignored ? 5 : 1), y: y + fall, ux: -s, uy: 0 };
  const { marks, back } = head(row, tip);
  const d =
    `M${f(x)} ${f(y)}H${f(x + reach - s * r)}q${s * r} 0 ${s * r} ${r}` +
    `V${f(y + fall - r)}q0 ${r} ${-s * r} ${r}H${f(tip.x + s * back)}`;
  const block = row.class === 'data' ? [rect(s > 0 ? x : x - 7, y - 3.5, 7, 7, 0, 'h')] : [];
  return [path(d, 'a'), ...marks, ...block];
}

/** The loop sign before the label of a packet that was sent again. */
export const againSign = (x: number, y: number): Mark =>
  path(`M${f(x + 3.9)} ${f(y - 4.2)}a4.2 4.2 0 1 1 -1.3 -3.0M${f(x + 3.1)} ${f(y - 9.6)}v2.6h-2.6`, 'loop');
