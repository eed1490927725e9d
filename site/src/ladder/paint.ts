// Marks as SVG nodes, made by hand: a row is made once and then only moved in
// and out of the page, which is what keeps long ladders fluent.

import { f, type Mark, type Run, type TextMark } from './scene';

const NS = 'http://www.w3.org/2000/svg';

function node(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) if (value) made.setAttribute(key, value);
  return made;
}

function run(r: Run): SVGElement {
  const made = node('tspan', { class: `t-${r.style}`, dx: r.gap ? String(r.gap) : '' });
  made.textContent = r.text;
  return made;
}

function text(m: TextMark): SVGElement {
  const made = node('text', {
    class: m.cls,
    x: f(m.x),
    y: f(m.y),
    'text-anchor': m.anchor === 'start' ? '' : m.anchor,
  });
  made.append(...m.runs.filter((r) => r.text).map(run));
  return made;
}

function mark(m: Mark): SVGElement {
  switch (m.kind) {
    case 'path':
      return node('path', { class: m.cls, d: m.d });
    case 'rect':
      return node('rect', {
        class: m.cls,
        x: f(m.x),
        y: f(m.y),
        width: f(m.w),
        height: f(m.h),
        rx: m.r ? String(m.r) : '',
      });
    case 'circle':
      return node('circle', { class: m.cls, cx: f(m.x), cy: f(m.y), r: String(m.r) });
    case 'group':
      return paint(m.marks, m.cls);
    default:
      return text(m);
  }
}

/** A group that holds the marks. */
export function paint(marks: Mark[], cls = ''): SVGElement {
  const made = node('g', { class: cls });
  made.append(...marks.map(mark));
  return made;
}

/** Fields over the bars of states that say in words what they mean. */
export function paintMeanings(marks: Mark[]): SVGElement {
  const made = node('g', {});
  for (const m of marks) {
    if (m.kind !== 'rect' || !m.title) continue;
    const field = mark({ ...m, cls: 'hit' });
    field.append(node('title', {}));
    (field.firstChild as Element).textContent = m.title;
    made.append(field);
  }
  return made;
}

/** The pattern of SYN_RECV; every svg brings its own. */
export function paintHatch(): SVGElement {
  const defs = node('defs', {});
  const pattern = node('pattern', {
    id: 'pl-hatch',
    width: '5',
    height: '5',
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  });
  pattern.append(node('path', { class: 'hatchline', d: 'M0 0V5' }));
  defs.append(pattern);
  return defs;
}
