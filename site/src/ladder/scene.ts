// What a layout hands to a renderer: plain marks with coordinates, no DOM.

/** Every text style of the ladder; the classes are those of css.ts. */
export interface TextStyle {
  size: number;
  weight: number;
  /** Letter spacing in em. */
  spacing: number;
}

export const STYLES = {
  flags: { size: 12.5, weight: 650, spacing: 0.01 },
  data: { size: 12.5, weight: 400, spacing: 0 },
  note: { size: 11.5, weight: 400, spacing: 0 },
  ignored: { size: 11.5, weight: 600, spacing: 0 },
  small: { size: 11, weight: 400, spacing: 0 },
  number: { size: 12, weight: 600, spacing: 0 },
  time: { size: 11, weight: 400, spacing: 0 },
  delta: { size: 11, weight: 400, spacing: 0 },
  deltabig: { size: 12, weight: 650, spacing: 0 },
  role: { size: 11.5, weight: 400, spacing: 0 },
  address: { size: 13.5, weight: 600, spacing: 0 },
  narrowaddress: { size: 11.5, weight: 600, spacing: 0 },
  port: { size: 13.5, weight: 400, spacing: 0 },
  state: { size: 10.5, weight: 600, spacing: 0.05 },
  gap: { size: 12.5, weight: 650, spacing: 0 },
  strong: { size: 11.5, weight: 650, spacing: 0 },
  fold: { size: 11.5, weight: 600, spacing: 0 },
  timer: { size: 12, weight: 600, spacing: 0 },
  callout: { size: 11, weight: 700, spacing: 0 },
} satisfies Record<string, TextStyle>;
export type StyleName = keyof typeof STYLES;

/** A stretch of text in one style; gap is the space before it in px. */
export interface Run {
  text: string;
  style: StyleName;
  gap?: number;
}

export type Anchor = 'start' | 'middle' | 'end';

export type Mark =
  | { kind: 'path'; d: string; cls: string }
  | { kind: 'rect'; x: number; y: number; w: number; h: number; r: number; cls: string; title?: string }
  | { kind: 'circle'; x: number; y: number; r: number; cls: string }
  | TextMark
  | { kind: 'group'; cls: string; marks: Mark[] };

export interface TextMark {
  kind: 'text';
  x: number;
  y: number;
  anchor: Anchor;
  runs: Run[];
  cls: string;
  /** Measured width, for tests and for neighbours. */
  width: number;
}

/** What a row does when it is activated. */
export type ItemRole = 'packet' | 'event' | 'fold' | 'group' | 'quiet';

/** One drawn row: its place, what it stands for, its marks. */
export interface Picture {
  id: string;
  role: ItemRole;
  cls: string;
  top: number;
  height: number;
  /** Packets the row stands for; the first is the one it opens. */
  packets: number[];
  sentences: number[];
  evidence: boolean;
  /** Marks below the lanes (bands), then those above them. */
  ground: Mark[];
  marks: Mark[];
}

/** What is visible between two heights. */
export interface View {
  ground: Mark[];
  lanes: Mark[];
  over: Mark[];
  pictures: Picture[];
}

export const f = (v: number): string => {
  const s = v.toFixed(2);
  return s.includes('.') ? s.replace(/\.?0+$/, '') : s;
};
export const path = (d: string, cls: string): Mark => ({ kind: 'path', d, cls });
export function rect(x: number, y: number, w: number, h: number, r: number, cls: string, title?: string): Mark {
  return { kind: 'rect', x, y, w, h, r, cls, title };
}
export const circle = (x: number, y: number, r: number, cls: string): Mark => ({ kind: 'circle', x, y, r, cls });
export const group = (cls: string, marks: Mark[]): Mark => ({ kind: 'group', cls, marks });
