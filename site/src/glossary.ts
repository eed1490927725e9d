// Words that a newcomer may not know, each with its meaning in a sentence or two.

import type { Text } from './lang';

export interface Term {
  id: string;
  /** How it stands in texts of either language; longer ones before their parts. */
  match: string[];
  meaning: Text;
}

const term = (id: string, match: string[], en: string, zh: string): Term => ({ id, match, meaning: { en, zh } });

export const terms: Term[] = [
  term(
    'syn-ack',
    ['SYN-ACK'],
    'The second packet of a TCP handshake: the server agrees to the connection and confirms the client’s starting number.',
    'TCP 握手的第二个包：服务器同意建立连接，并确认客户端的起始序列号。',
  ),
  term(
    'syn-recv',
    ['SYN_RECV', 'SYN_RCVD'],
    'The server’s state between its SYN-ACK and the client’s confirmation. The program behind it does not know of the connection yet.',
    '服务器发出 SYN-ACK 之后、收到客户端确认之前的状态。此时应用程序还不知道有这条连接。',
  ),
  term(
    'syn',
    ['SYN'],
    'The first packet of a connection: a request to open it, with the number that counting starts from.',
    '一条连接的第一个包：请求建立连接，并给出计数的起点。',
  ),
  term(
    'rst',
    ['RST'],
    'Ends a connection at once, without agreement: “there is no such connection here”, or “I give up”.',
    '不经协商立即结束连接，意思是“这里没有这条连接”或“我放弃了”。',
  ),
  term(
    'fin',
    ['FIN'],
    'Says that this side has nothing more to send. A connection ends properly when both sides have said so.',
    '表示这一端不再发送数据。两端都发过，连接才算正常结束。',
  ),
  term(
    'isn',
    ['initial sequence number', 'ISN', '初始序列号'],
    'The number that counting starts from. Linux derives it from a clock and the two addresses, so two of them can tell whether one host made both.',
    '计数的起点。Linux 由时钟与两端地址算出，因此比较两个初始序列号，可以判断是否出自同一台主机。',
  ),
  term(
    'challenge-ack',
    ['challenge ACK'],
    'An acknowledgement sent instead of a reset when a SYN or RST does not fit an existing connection (RFC 5961): it tells the sender which numbers the connection stands at.',
    '收到与现有连接不相符的 SYN 或 RST 时，不直接复位，而是回一个确认（RFC 5961），告诉对方连接当前的序列号。',
  ),
  term(
    'paws',
    ['PAWS'],
    'Protection against old segments: one whose timestamp lies before the newest seen is dropped without a word.',
    '防止旧报文段混入的机制：时间戳早于已见最新值的报文段会被悄悄丢弃。',
  ),
  term(
    'tw-recycle',
    ['tcp_tw_recycle', 'tw_recycle'],
    'A Linux setting, gone since 4.12, that remembered one timestamp per client address. Several hosts behind one address then shut each other out.',
    'Linux 4.12 起已移除的设置：按客户端地址记住一个时间戳。多台主机共用一个地址时会互相排斥。',
  ),
  term(
    'time-wait',
    ['TIME_WAIT'],
    'The rest after a proper close, a minute on Linux, in which the same ports are not yet free for a new connection.',
    '正常关闭之后的等待期，Linux 上为一分钟，其间同一对端口还不能用于新连接。',
  ),
  term(
    'close-wait',
    ['CLOSE_WAIT'],
    'The other side has closed, and the program here has not closed its own end yet.',
    '对端已经关闭，而本端程序还没有关闭自己这一侧。',
  ),
  term(
    'established',
    ['ESTABLISHED'],
    'The connection is open and both sides may send.',
    '连接已建立，双方都可以发送。',
  ),
  term(
    'accept-queue',
    ['accept queue', '全连接队列'],
    'Where finished handshakes wait until the program accepts them. When it is full, Linux drops what would add to it.',
    '已完成握手的连接在此等待程序取走。队列满了以后，Linux 会丢弃新的连接。',
  ),
  term(
    'conntrack',
    ['conntrack'],
    'The memory of a Linux firewall or translator: one entry per connection. A packet that fits no entry is translated afresh, or dropped.',
    'Linux 防火墙和地址转换的记忆，每条连接一个条目。没有对应条目的包会被重新转换，或被丢弃。',
  ),
  term(
    'hairpin',
    ['Hairpin NAT', 'hairpin', '回环 NAT'],
    'Client and server stand behind the same translator, so that the request passes it and the answer can go straight past it.',
    '客户端与服务器在同一个转换设备之后：请求经过它，应答却可能绕过它直接返回。',
  ),
  term(
    'masquerade',
    ['masquerade', '地址伪装'],
    'Translation of the sender’s address into the translator’s own, so that answers must come back to it.',
    '把发送方地址换成转换设备自己的地址，使应答必须经它返回。',
  ),
  term(
    'ipvs',
    ['IPVS', 'LVS'],
    'The load balancer inside the Linux kernel. It remembers which server it chose for each client port.',
    'Linux 内核中的负载均衡器，会记住为每个客户端端口选了哪台服务器。',
  ),
  term(
    'sidecar',
    ['sidecar', 'Sidecar'],
    'A proxy that runs beside a program and takes over its connections.',
    '与程序并排运行、代它收发连接的代理。',
  ),
  term(
    'defer-accept',
    ['TCP_DEFER_ACCEPT'],
    'A server option: the handshake counts as finished only when the first data has come.',
    '服务器选项：收到第一份数据之后，握手才算完成。',
  ),
  term(
    'd-sack',
    ['D-SACK'],
    'The receiver’s note that a segment came twice, so that the sender learns its repetition was not needed.',
    '接收方告知某个报文段到了两次，发送方由此知道那次重传并无必要。',
  ),
  term(
    'sack',
    ['SACK'],
    'The receiver’s note of what came beyond a gap, so that only the gap need be sent again.',
    '接收方告知缺口之后已收到的部分，这样只需重传缺口。',
  ),
  term(
    'zero-window',
    ['zero window', '零窗口'],
    'The receiver has no room left: its program does not read fast enough.',
    '接收方已无空间：它的程序读得不够快。',
  ),
  term(
    'mss',
    ['MSS'],
    'The largest payload of one segment that a side says it can take.',
    '一端声明自己能接收的单个报文段的最大数据长度。',
  ),
];

const byText = new Map(terms.flatMap((one) => one.match.map((text) => [text, one] as const)));
const escaped = [...byText.keys()]
  .sort((a, b) => b.length - a.length)
  .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
const anyTerm = new RegExp(`(?<![\\w-])(?:${escaped.join('|')})(?![\\w-])`, 'g');

/** Cuts a text at the terms that stand in it and were not seen before. */
export function withTerms(text: string, seen: Set<string>): (string | { text: string; term: Term })[] {
  const parts: (string | { text: string; term: Term })[] = [];
  let from = 0;
  for (const match of text.matchAll(anyTerm)) {
    const found = byText.get(match[0]);
    if (!found || seen.has(found.id)) continue;
    seen.add(found.id);
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push({ text: match[0], term: found });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}
