// Text widths without a browser. The table holds, per ASCII character from the
// space on, the widest advance (hundredths of an em) among Inter, DejaVu Sans,
// Noto Sans and Liberation Sans, with figures of one width: a label that fits
// by the table fits on the reader's machine. In a browser a canvas measures.

import type { TextStyle } from './scene';

/** Width in px of one run of text in a style. */
export type Measure = (text: string, style: TextStyle) => number;

const REGULAR =
  '32 40 46 84 64 95 78 27 39 39 55 84 32 46 32 37 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 100 68 69 73 77 63 59 77 75 34 54 66 56 91 76 79 63 79 69 64 64 74 68 99 69 66 69 39 37 39 84 50 50 61 63 56 63 62 36 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 54 64 55 64 84'
    .split(' ')
    .map(Number);
const BOLD =
  '35 46 52 84 70 100 87 31 46 46 56 84 38 47 38 41 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 103 77 76 75 83 68 68 82 84 39 57 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 41 46 84 50 50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 55 71 84'
    .split(' ')
    .map(Number);
const OTHER: Record<string, number> = { '·': 34, µ: 70, '–': 50, '≈': 84, '’': 38, '‘': 38 };

function advance(char: string, bold: boolean): number {
  const code = char.codePointAt(0) as number;
  if (code >= 32 && code < 127) return (bold ? BOLD : REGULAR)[code - 32];
  return OTHER[char] ?? (code < 0x300 ? 75 : 100);
}

/** The table's width of a text: conservative, the same everywhere. */
export const tableMeasure: Measure = (text, style) => {
  let sum = 0;
  let length = 0;
  for (const char of text) {
    sum += advance(char, style.weight > 500);
    length++;
  }
  return (sum / 100) * style.size + length * style.size * style.spacing;
};

/** A measurer on a canvas for the family the page really has. */
export function canvasMeasure(family: string): Measure {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return tableMeasure;
  const known = new Map<string, number>();
  return (text, style) => {
    const key = `${style.weight} ${style.size} ${text}`;
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    context.font = `${style.weight} ${style.size}px ${family}`;
    const tabular = text.replace(/[0-9]/g, '0'); // all figures are drawn as wide as a nought
    const width = context.measureText(tabular).width * 1.01 + text.length * style.size * style.spacing;
    if (known.size > 4000) known.clear();
    known.set(key, width);
    return width;
  };
}
