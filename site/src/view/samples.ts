// The samples on the first screen, each with a ladder small enough to be a sign.

import { svg, type TemplateResult } from 'lit';
import type { Text } from '../lang';

type Mark =
  | { y: number; from: number; to: number; as: 'control' | 'ack' | 'data' | 'reset'; again?: true; ignored?: true }
  | { gap: number }
  | { dot: number; on: number };

export interface Sample {
  scenario: string;
  title: Text;
  about: Text;
  lanes: number[];
  marks: Mark[];
}

const three = [10, 64, 118];
const two = [14, 114];

export const samples: Sample[] = [
  {
    scenario: 'synack-from-wrong-address',
    title: { en: 'SYN answered from another address', zh: 'SYN 的应答来自\u200b另一个地址' },
    about: { en: 'A service address that is translated one way only.', zh: '服务地址只做了单向转换。' },
    lanes: three,
    marks: [
      { y: 10, from: 0, to: 1, as: 'control' },
      { y: 22, from: 2, to: 0, as: 'control', ignored: true },
      { y: 34, from: 0, to: 2, as: 'reset' },
      { gap: 46 },
      { y: 66, from: 0, to: 1, as: 'control', again: true },
      { y: 78, from: 2, to: 0, as: 'control', ignored: true },
      { y: 90, from: 0, to: 2, as: 'reset' },
      { dot: 22, on: 2 },
      { dot: 78, on: 2 },
    ],
  },
  {
    scenario: 'stuck-syn-recv-server-ignores-ack',
    title: { en: 'Stuck in SYN_RECV', zh: '卡在 SYN_RECV' },
    about: {
      en: 'The server repeats its SYN-ACK and then forgets.',
      zh: '服务器反复重传 SYN-ACK，然后忘掉了连接。',
    },
    lanes: two,
    marks: [
      { y: 8, from: 0, to: 1, as: 'control' },
      { y: 18, from: 1, to: 0, as: 'control' },
      { y: 28, from: 0, to: 1, as: 'ack', ignored: true },
      { y: 42, from: 1, to: 0, as: 'control', again: true },
      { y: 50, from: 0, to: 1, as: 'ack', ignored: true },
      { y: 66, from: 1, to: 0, as: 'control', again: true },
      { y: 74, from: 0, to: 1, as: 'ack', ignored: true },
      { y: 89, from: 0, to: 1, as: 'data' },
      { y: 98, from: 1, to: 0, as: 'reset' },
    ],
  },
  {
    scenario: 'cross-wired-tuple-collision',
    title: { en: 'Two connections crossed', zh: '两条连接互串' },
    about: {
      en: 'One query, answered by a RST on the other connection.',
      zh: '一条连接上的查询，被另一条连接上的 RST 回应。',
    },
    lanes: three,
    marks: [
      { y: 8, from: 0, to: 1, as: 'control' },
      { y: 20, from: 0, to: 1, as: 'data' },
      { y: 34, from: 0, to: 2, as: 'control' },
      { y: 50, from: 0, to: 1, as: 'data' },
      { y: 58, from: 2, to: 0, as: 'reset' },
      { y: 72, from: 0, to: 1, as: 'data', again: true },
      { y: 80, from: 2, to: 0, as: 'reset' },
      { y: 94, from: 0, to: 1, as: 'data', again: true },
      { dot: 58, on: 2 },
      { dot: 80, on: 2 },
    ],
  },
  {
    scenario: 'data-acked-then-reset-by-proxy',
    title: { en: 'Acknowledged, then reset', zh: '数据已确认，\u200b随后被复位' },
    about: {
      en: 'The proxy took the data before it knew its backend was down.',
      zh: '代理先收下了数据，才发现后端不可用。',
    },
    lanes: three,
    marks: [
      { y: 8, from: 0, to: 1, as: 'control' },
      { y: 18, from: 1, to: 0, as: 'control' },
      { y: 28, from: 0, to: 1, as: 'ack' },
      { y: 44, from: 0, to: 1, as: 'data' },
      { y: 56, from: 1, to: 0, as: 'ack' },
      { y: 60, from: 1, to: 2, as: 'control' },
      { y: 70, from: 2, to: 1, as: 'reset' },
      { y: 84, from: 1, to: 0, as: 'reset' },
      { dot: 66, on: 2 },
    ],
  },
  {
    scenario: 'syn-dropped-tw-recycle-snat',
    title: { en: 'SYN dropped behind NAT', zh: 'NAT 之后 SYN 被丢弃' },
    about: {
      en: 'Some clients connect, some never do: tw_recycle and two clocks.',
      zh: '有的客户端能连上，有的始终不能：tw_recycle 与两个时钟。',
    },
    lanes: two,
    marks: [
      { y: 8, from: 0, to: 1, as: 'control', ignored: true },
      { gap: 20 },
      { y: 40, from: 0, to: 1, as: 'control', again: true, ignored: true },
      { gap: 52 },
      { y: 72, from: 0, to: 1, as: 'control', again: true, ignored: true },
      { gap: 84 },
    ],
  },
  {
    scenario: 'idle-client-half-open-zombie',
    title: { en: 'The server forgot the client', zh: '服务器忘了这个客户端' },
    about: {
      en: 'Idle, then a request, then a RST: only one end still had the connection.',
      zh: '空闲之后发出请求，换来的是 RST：只有一端还记得这条连接。',
    },
    lanes: two,
    marks: [
      { y: 8, from: 0, to: 1, as: 'control' },
      { y: 20, from: 1, to: 0, as: 'control' },
      { y: 32, from: 0, to: 1, as: 'ack' },
      { gap: 48 },
      { y: 72, from: 0, to: 1, as: 'data' },
      { y: 86, from: 1, to: 0, as: 'reset' },
      { dot: 86, on: 1 },
    ],
  },
];

const drop = 4; // how far an arrow falls on its way
const notHeard = 3.5; // how far before the lane the stop bar stands

export function sampleSign(sample: Sample): TemplateResult {
  return svg`<svg class="thumb" viewBox="0 0 128 108" aria-hidden="true">
    ${sample.lanes.map((x) => svg`<path class="lane" d=${`M${x} 4V104`}/>`)}
    ${sample.marks.map((mark) => drawMark(mark, sample.lanes))}
  </svg>`;
}

function drawMark(mark: Mark, lanes: number[]): TemplateResult {
  if ('gap' in mark) return drawGap(mark.gap, lanes);
  if ('dot' in mark) return svg`<circle class="mk" cx=${lanes[mark.on]} cy=${mark.dot} r="4"/>`;
  const x = lanes[mark.from];
  const dir = Math.sign(lanes[mark.to] - x);
  const tip = lanes[mark.to] - dir * (mark.ignored ? notHeard + 0.5 : 0.5);
  const classes = `k-${mark.as}${mark.again ? ' k-repeat' : ''}${mark.ignored ? ' k-ignored' : ''}`;
  const short = mark.as === 'ack' && !mark.ignored ? 0 : 6;
  return svg`<g class=${classes}>
    <path class="a" d=${`M${x} ${mark.y}L${tip - dir * short} ${mark.y + drop}`}/>
    <path class="h" d=${head(mark.as, mark.ignored, tip, mark.y + drop, dir)}/>
    ${mark.ignored ? svg`<path class="stop" d=${`M${tip + dir * 1.6} ${mark.y}v8`}/>` : ''}
  </g>`;
}

function head(as: string, ignored: true | undefined, x: number, y: number, dir: number): string {
  if (as === 'reset') return `M${x - dir * 5} ${y - 3}l${dir * 6} 6m0 -6l${-dir * 6} 6`;
  if (as === 'ack' && !ignored) return `M${x - dir * 5} ${y - 3}L${x} ${y}L${x - dir * 5} ${y + 2.4}`;
  return `M${x} ${y}l${-dir * 6.5} -2.9v5.6z`;
}

function drawGap(y: number, lanes: number[]): TemplateResult {
  return svg`<rect class="gapband" x="0" y=${y} width="128" height="12" rx="2"/>
    ${lanes.map((x) => svg`<path class="zigt" d=${`M${x} ${y}l-2.5 2l5 2.6l-5 2.8l5 2.6l-2.5 2`}/>`)}`;
}
