// The boxes that marks take on the page, for tests of overlap.

import type { Scene } from '../../src/ladder/layout';
import { type Mark, STYLES, type TextMark } from '../../src/ladder/scene';

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
  what: string;
}

function textBox(m: TextMark): Box {
  const size = Math.max(...m.runs.map((r) => STYLES[r.style].size));
  const left = m.anchor === 'start' ? m.x : m.anchor === 'end' ? m.x - m.width : m.x - m.width / 2;
  const what = m.runs.map((r) => r.text).join(' ');
  return { left, right: left + m.width, top: m.y - size * 0.74, bottom: m.y + size * 0.2, what };
}

function flatten(marks: Mark[]): Mark[] {
  return marks.flatMap((m) => (m.kind === 'group' ? flatten(m.marks) : [m]));
}

/** Every text of a scene, and every circle of a sentence, as boxes. */
export function boxes(scene: Scene): { texts: Box[]; circles: Box[] } {
  const view = scene.view();
  const rows = view.pictures.flatMap((p) => p.marks);
  const isCircle = (m: Mark) => m.kind === 'group' && m.cls === 'co';
  const texts = flatten([...view.over, ...rows.filter((m) => !isCircle(m))])
    .filter((m): m is TextMark => m.kind === 'text')
    .filter((m) => m.runs.some((r) => r.text))
    .map(textBox);
  const circles = rows.filter(isCircle).map((m): Box => {
    const c = flatten([m])[0];
    if (c.kind === 'rect') return { left: c.x, right: c.x + c.w, top: c.y, bottom: c.y + c.h, what: 'circle' };
    if (c.kind === 'circle')
      return { left: c.x - c.r, right: c.x + c.r, top: c.y - c.r, bottom: c.y + c.r, what: 'circle' };
    throw new Error('a callout begins with its ground');
  });
  return { texts, circles };
}

export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;

interface Segment {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Straight lines of arrows and of inferred hops. */
function segments(scene: Scene): Segment[] {
  const view = scene.view();
  return flatten([...view.ground, ...view.pictures.flatMap((p) => p.marks)]).flatMap((m) => {
    if (m.kind === 'path' && m.cls === 'foldline') {
      return [...m.d.matchAll(/M0 ([\d.]+)H/g)].map((at) => ({
        x1: 0,
        y1: Number(at[1]),
        x2: scene.width,
        y2: Number(at[1]),
      }));
    }
    if (m.kind !== 'path' || (m.cls !== 'a' && m.cls !== 'unseen')) return [];
    const at = /^M(\S+) (\S+?)(?:L(\S+) (\S+)|H(\S+))$/.exec(m.d);
    if (!at) return [];
    const [x1, y1, x2, y2] = [at[1], at[2], at[3] ?? at[5], at[4] ?? at[2]].map(Number);
    return [x1 < x2 ? { x1, y1, x2, y2 } : { x1: x2, y1: y2, x2: x1, y2: y1 }];
  });
}

/** Whether a line runs through a box, its rim left aside. */
function strikes(s: Segment, b: Box): boolean {
  const from = Math.max(s.x1, b.left + 1);
  const to = Math.min(s.x2, b.right - 1);
  if (from >= to) return false;
  const y = (x: number) => s.y1 + ((x - s.x1) / (s.x2 - s.x1)) * (s.y2 - s.y1);
  const [high, low] = [Math.min(y(from), y(to)), Math.max(y(from), y(to))];
  return low > b.top + 1 && high < b.bottom - 1;
}

/** What is wrong with the places of a scene's texts, in words; empty when nothing is. */
export function faults(scene: Scene): string[] {
  const { texts, circles } = boxes(scene);
  const out: string[] = [];
  for (const t of texts) {
    if (t.left < -0.5 || t.right > scene.width + 0.5)
      out.push(`outside: ${t.what} ${Math.round(t.left)}..${Math.round(t.right)}`);
    if (t.top < scene.top || t.bottom > scene.bottom) continue;
    for (const x of scene.columns.x) if (t.left < x - 1 && t.right > x + 1) out.push(`under a lane: ${t.what}`);
  }
  for (const s of segments(scene)) {
    for (const t of texts) if (strikes(s, t)) out.push(`struck through: ${t.what}`);
  }
  const all = [...texts, ...circles].sort((a, b) => a.top - b.top);
  all.forEach((a, i) => {
    for (let k = i + 1; k < all.length && all[k].top < a.bottom; k++) {
      if (overlap(a, all[k])) out.push(`overlap: ${a.what} | ${all[k].what}`);
    }
  });
  return out;
}
