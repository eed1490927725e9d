// The ladder's own words, in both languages. Everything else comes from the core.

import type { Lane, Lang, Text } from './types';

export const say = (text: Text | undefined | null, lang: Lang): string => text?.[lang] ?? '';

/** "10.0.0.1:80", with brackets around IPv6; the name when there is no address. */
export function endpoint(lane: Lane | undefined): string {
  if (!lane) return '';
  if (!lane.address) return lane.name || lane.id;
  const address = lane.address.includes(':') && lane.port ? `[${lane.address}]` : lane.address;
  return lane.port ? `${address}:${lane.port}` : address;
}

const W = {
  capturedHere: { en: 'captured here', zh: '抓包位置' },
  lost: { en: 'lost', zh: '丢失' },
  ignored: { en: 'not accepted', zh: '未被接受' },
  inferred: { en: 'inferred, not in the capture', zh: '推断，抓包中没有' },
  evidence: { en: 'evidence', zh: '证据' },
  noPacket: { en: 'no packet', zh: '没有包' },
  close: { en: 'fold', zh: '收起' },
  loading: { en: 'reading…', zh: '正在读取…' },
  drag: { en: 'drag to move this lane', zh: '拖动以移动此列' },
  lanes: { en: 'Lanes', zh: '列' },
  left: { en: 'to the left', zh: '向左移' },
  right: { en: 'to the right', zh: '向右移' },
  shown: { en: 'show', zh: '显示' },
  name: { en: 'name', zh: '名称' },
  sameAs: { en: 'same host as', zh: '与此列同一主机' },
  alone: { en: 'a host of its own', zh: '单独的主机' },
  asCaptured: { en: 'As captured', zh: '恢复原样' },
  list: { en: 'Ladder', zh: '时序图' },
} satisfies Record<string, Text>;

export const word = (key: keyof typeof W, lang: Lang): string => W[key][lang];

export function showPackets(count: number, lang: Lang): string {
  const n = count.toLocaleString(lang === 'zh' ? 'zh-CN' : 'en');
  if (lang === 'zh') return `展开 ${n} 个包`;
  return count === 1 ? 'show 1 packet' : `show ${n} packets`;
}

/** "repeats #2, 3rd": how a packet that was sent again is labelled. */
export function repeats(original: number, nth: number, lang: Lang): string[] {
  if (original <= 0) return [lang === 'zh' ? '重传' : 'repeated'];
  const ref = `#${original}`;
  if (lang === 'zh') {
    const count = nth > 1 ? `第 ${nth} 次` : '';
    return [`${count}重传 ${ref}`, `重传 ${ref}`, '重传'];
  }
  return [...(nth > 1 ? [`repeats ${ref}, ${ordinal(nth)} time`] : []), `repeats ${ref}`, 'repeated'];
}

function ordinal(n: number): string {
  const rest = n % 100;
  const ending = rest > 10 && rest < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}

/** What a TCP state means, for those who point at its bar. */
const STATES: Record<string, Text> = {
  SYN_SENT: { en: 'has asked to connect and waits for the answer', zh: '已发出连接请求，正在等待应答' },
  SYN_RECV: { en: 'has answered the request and waits for the acknowledgement', zh: '已应答连接请求，正在等待确认' },
  ESTABLISHED: { en: 'connected: data may flow', zh: '已连接，可以收发数据' },
  FIN_WAIT: { en: 'has finished sending and waits for the other end', zh: '已发完数据，正在等待对端' },
  CLOSING: { en: 'both ends finished at once', zh: '两端同时结束' },
  CLOSE_WAIT: {
    en: 'the other end has finished; the application here has not closed yet',
    zh: '对端已结束，本端应用还没有关闭',
  },
  LAST_ACK: { en: 'has finished last and waits for the acknowledgement', zh: '最后结束，正在等待确认' },
  TIME_WAIT: {
    en: 'finished; keeps the addresses aside for late packets',
    zh: '已结束，暂时保留地址和端口以应对迟到的包',
  },
  CLOSED: { en: 'no connection', zh: '没有连接' },
};

/** "SYN_RECV: has answered …", marked where it is inferred. */
export function stateMeaning(name: string, inferred: boolean, lang: Lang): string {
  const known = STATES[name] ?? STATES[name.replace(/_[12]$/, '')];
  const note = inferred ? (lang === 'zh' ? '（推断）' : ' (inferred)') : '';
  if (!known) return name + note;
  return lang === 'zh' ? `${name}：${known.zh}${note}` : `${name}: ${known.en}${note}`;
}

/** Tags that change how a packet is read, as words in its label. */
const TAGS: Record<string, Text> = {
  zero_window: { en: 'window 0', zh: '窗口为 0' },
  zero_window_probe: { en: 'window probe', zh: '窗口探测' },
  zero_window_probe_ack: { en: 'answers the window probe', zh: '应答窗口探测' },
  window_full: { en: 'fills the window', zh: '填满窗口' },
  window_update: { en: 'window update', zh: '窗口更新' },
  keep_alive: { en: 'keep-alive', zh: '保活' },
  keep_alive_ack: { en: 'keep-alive answer', zh: '保活应答' },
  out_of_order: { en: 'out of order', zh: '乱序' },
  lost_segment: { en: 'a segment before it is missing', zh: '前面缺一个报文段' },
  ack_lost_segment: { en: 'acknowledges data not seen', zh: '确认了抓包中没有的数据' },
  reused_ports: { en: 'port used again', zh: '端口复用' },
};

export const tagWords = (tags: string[] | null, lang: Lang): string[] =>
  (tags ?? []).filter((tag) => tag in TAGS).map((tag) => TAGS[tag][lang]);
