// Everything the page itself says. What the capture shows is said by the core.

import type { Certainty, Severity } from './contract';
import type { Text } from './lang';

const t = (en: string, zh: string): Text => ({ en, zh });

export const words = {
  title: t('pcaplain: packet captures, explained', 'pcaplain：读懂抓包'),
  // A zero-width space marks where a Chinese headline may break.
  promise: t(
    'Drop in a packet capture and see which TCP connection went wrong, which packets prove it, and what to do about it.',
    '放入抓包文件，看清哪条 TCP 连接\u200b出了问题、由哪些包证明，以及该怎么办。',
  ),
  dropAnywhere: t('Drop a capture anywhere on this page', '把抓包文件拖到页面任意位置'),
  chooseFiles: t('Choose a file', '选择文件'),
  pasteText: t('Paste text', '粘贴文本'),
  kinds: t(
    'pcap, pcapng, also .gz and .zst, of any size; tcpdump or tshark output as text',
    'pcap、pcapng，也可以是 .gz 和 .zst，大小不限；或 tcpdump、tshark 的文本输出',
  ),
  local: t(
    'Nothing leaves this tab: your browser reads the file itself. To check, go offline before you drop it; the page works all the same.',
    '数据不会离开此标签页：文件由你的浏览器直接读取。想验证的话，先断网再打开文件，页面照常工作。',
  ),
  nothingLeft: t('Nothing left this tab', '数据没有离开此标签页'),
  samples: t('Or start with a capture of real trouble', '或者从真实案例的抓包开始'),
  allScenarios: t('All scenarios, explained', '全部场景详解'),
  openAnother: t('Open another', '打开另一个'),
  language: t('Language', '语言'),
  theme: t('Light or dark', '浅色或深色'),
  home: t('pcaplain, first page', 'pcaplain 首页'),
  footer: t('Free software. The analysis also runs as a command.', '自由软件。同样的分析也可以在命令行运行。'),

  openWhole: t('Open in pcaplain', '在 pcaplain 中打开'),
  firstOnly: (n: number): Text =>
    t(
      `The first of ${n} files was opened; captures are read one at a time.`,
      `${n} 个文件中打开了第一个；抓包一次只读一个。`,
    ),
  newVersion: t('A new version is ready.', '新版本已就绪。'),
  reload: t('Change to it', '切换到新版本'),

  dropHere: t('Drop to read it here', '松开即可在此读取'),
  staysHere: t('It stays on this machine.', '文件不会离开这台电脑。'),
  pasteTitle: t('Paste a listing', '粘贴文本列表'),
  pasteHint: t(
    'Output of tcpdump or tshark, with or without -n, -v, -x. A listing does not hold everything a capture file holds: what it leaves out counts as unknown.',
    'tcpdump 或 tshark 的输出，带不带 -n、-v、-x 都可以。文本所含的信息比抓包文件少，缺少的部分按未知处理。',
  ),
  pasteLabel: t('Text to read', '要读取的文本'),
  read: t('Read it', '开始读取'),
  pastedName: t('pasted text', '粘贴的文本'),

  reading: t('Reading', '正在读取'),
  loadingCore: t('Loading the analysis', '正在载入分析程序'),
  analysing: t('Reading the connections', '正在分析连接'),
  cancel: t('Cancel', '取消'),
  close: t('Close', '关闭'),

  unreadable: t('This could not be read', '无法读取'),
  tryAnother: t('Choose another file', '换一个文件'),
  crashed: t('The analysis stopped working', '分析程序中止了'),
  crashedWhat: t(
    'This is a fault in pcaplain, not in your capture. The page goes on: open the capture again, or another one. If it happens again, the text below is what a report needs.',
    '这是 pcaplain 的缺陷，不是抓包的问题。页面仍可使用：重新打开这份抓包，或换一份。如果再次发生，报告时请附上下面的文字。',
  ),
  missingSample: t('This sample is not part of this build', '此构建不含这个示例'),
  missingSampleWhat: t(
    'The page was built without the capture of this scenario. Another sample or a file of your own works.',
    '构建页面时没有包含该场景的抓包。可以换一个示例，或打开自己的文件。',
  ),
  fetchHead: (host: string): Text => t(`Fetch a capture from ${host}?`, `从 ${host} 获取抓包？`),
  fetchWhat: t(
    'The link names a capture that lies there. Fetching it tells that host your address and that you read it; the analysis itself stays in this tab.',
    '链接中的抓包存放在那里。获取它时，对方主机会知道你的地址和这次读取；分析本身仍在此标签页内进行。',
  ),
  fetchYes: t('Fetch it', '获取'),
  notFetched: t('No capture came from that address', '没能从该地址获取抓包'),
  notFetchedWhat: t(
    'The address may be wrong, or its host does not let other pages read it (it would have to send Access-Control-Allow-Origin). Download the file and open it here.',
    '地址可能有误，或者对方不允许其他页面读取（需要发送 Access-Control-Allow-Origin）。可以先下载文件，再在这里打开。',
  ),
  gone: t('Open the file again', '请重新打开文件'),
  goneWhat: t(
    'The page keeps no copy of a capture, so after a reload it has to be opened again:',
    '页面不保存抓包的副本，重新载入后需要再次打开：',
  ),

  incidents: t('Incidents', '事件'),
  ofTrouble: (n: number): Text => t(n === 1 ? '1 kind of trouble' : `${n} kinds of trouble`, `${n} 类问题`),
  more: (n: number): Text => t(`${n} more`, `另有 ${n} 次`),
  repeated: (n: number): Text => t(`${n} ×`, `${n} ×`),
  occurrences: t('Occurrences', '各次出现'),
  previousOne: t('Previous occurrence', '上一次'),
  nextOne: t('Next occurrence', '下一次'),
  follows: t('follows from it', '由它引起'),
  allConversations: (n: string): Text => t(`All ${n} connections`, `全部 ${n} 条连接`),
  oneConversation: t('The one connection', '仅有的一条连接'),
  quiet: (n: number, text: string): Text =>
    t(
      n === 1 ? '1 connection without any trouble' : `${text} connections without any trouble`,
      `${text} 条连接没有任何问题`,
    ),
  back: t('Back to the incidents', '返回事件'),
  backHome: t('Back', '返回'),

  happened: t('What happened', '发生了什么'),
  means: t('What it usually means', '这通常说明'),
  others: t('What else it could be', '无法排除的其他原因'),
  ruledOut: t('Ruled out by these packets', '已由这些包排除'),
  confirm: t('How to confirm', '如何确认'),
  fix: t('How to fix it', '如何修复'),
  reference: t('Where this is documented', '出处'),
  notes: t('What limits this reading', '哪些因素限制了判断'),
  explains: t('What follows from it', '由此引起的问题'),
  copy: t('copy', '复制'),
  copied: t('copied', '已复制'),
  share: t('Share', '分享'),
  shareHead: t('A link that holds this incident', '一个包含此事件的链接'),
  shareWhat: (packets: string): Text =>
    t(
      `${packets} packets travel inside the link itself, headers only, no payload. Nothing is stored anywhere; whoever opens it gets the same analysis. What stands behind the # never reaches a server.`,
      `${packets} 个包就在链接之中，只含头部，不含数据内容。不存放在任何地方；打开链接的人会得到同样的分析。# 之后的内容不会发送给服务器。`,
    ),
  shareText: t(
    'The listing itself travels inside the link, as it is. Nothing is stored anywhere; what stands behind the # never reaches a server.',
    '这段文本原样放在链接之中。不存放在任何地方；# 之后的内容不会发送给服务器。',
  ),
  rename: t('Rename addresses', '替换地址'),
  renameWhat: t('one to one; what shared a network still shares one', '一一对应，同网段仍同网段'),
  making: t('Making the link', '正在生成链接'),
  copyLink: t('Copy link', '复制链接'),
  linkShort: (n: string): Text => t(`${n} characters. Fits any chat.`, `${n} 个字符，任何聊天工具都放得下。`),
  linkLong: (n: string): Text =>
    t(`${n} characters. Some chats cut links of this length.`, `${n} 个字符，有些聊天工具会截断这么长的链接。`),
  linkTooLong: (n: string): Text =>
    t(
      `${n} characters. Too long for most chats and mail programs: export the packets as a file instead.`,
      `${n} 个字符，大多数聊天和邮件工具都放不下：请改为导出抓包文件。`,
    ),
  linkDiffers: t(
    'Without the payload or the other connections, whoever opens this link is not told the same: part of the proof is not in it. Send the capture, or an export.',
    '缺少数据内容或其他连接，打开此链接的人得不到同样的结论：一部分证据不在其中。请改发抓包文件或导出的文件。',
  ),
  embedWhat: t('For an article:', '放进文章：'),
  copyEmbed: t('copy as an element', '复制为网页元素'),
  shareFailed: t('This incident is too large for a link.', '此事件太大，放不进链接。'),
  shared: t('shared incident', '分享的事件'),
  brokenLink: t('This link is not whole', '链接不完整'),
  brokenLinkWhat: t(
    'The incident inside it cannot be unpacked. A chat or mail program has probably cut the link: ask for it again, or for a file.',
    '链接中的事件无法解开，多半是聊天或邮件工具把它截断了。请对方重发，或改发文件。',
  ),
  export: t('Export', '导出'),
  asSVG: t('Ladder as a drawing (SVG)', '时序图，矢量图（SVG）'),
  asPNG: t('Ladder as a picture (PNG)', '时序图，图片（PNG）'),
  asMarkdown: t('Explanation and ladder (Markdown)', '说明与时序图（Markdown）'),
  asText: t('Ladder as text, for tickets', '时序图，纯文本，便于贴进工单'),
  asJSON: t('Finding and ladder (JSON)', '结论与时序图数据（JSON）'),
  asPackets: t('The incident’s packets (pcapng)', '此事件的包（pcapng）'),
  asHeaders: t('The same, headers only (pcapng)', '同上，只含头部（pcapng）'),
  copyText: t('copy the ladder as text', '复制文本时序图'),
  asList: t('The same packets as a list', '同样的包，列表形式'),
  plainConversation: t('One connection, drawn by itself', '单独画出的一条连接'),

  number: t('#', '#'),
  time: t('Time', '时间'),
  gap: t('Gap', '间隔'),
  from: t('From', '源'),
  to: t('To', '目的'),
  what: t('What', '内容'),

  packetOf: (n: number, of: number): Text => t(`Packet ${n} of ${of} in this ladder`, `本图 ${of} 个包中的第 ${n} 个`),
  packet: t('Packet', '包'),
  previousPacket: t('Previous packet', '上一个包'),
  nextPacket: t('Next packet', '下一个包'),
  when: t('When', '时间'),
  after: (n: number): Text => t(`After #${n}`, `距 #${n}`),
  before: (n: number): Text => t(`Before #${n}`, `距 #${n}`),
  fromTo: t('From and to', '源与目的'),
  unknown: t('not in this capture', '抓包中没有'),
  tags: t('What it is', '它是什么'),
  bytes: t('Bytes', '字节'),
  showBytes: t('Show every header field with its bytes', '显示全部头部字段及其字节'),
  filters: t('Find these packets again', '在其他工具中找到这些包'),
  inWireshark: t('Display filter for Wireshark:', 'Wireshark 显示过滤器：'),
  inTcpdump: t('Capture filter for tcpdump:', 'tcpdump 抓包过滤器：'),
  times: t('Times', '时间'),
  timesAbsolute: t('time of day', '时刻'),
  timesRelative: t('since the start', '距开始'),
  timesScale: t('to scale', '按比例'),
  timesDelta: t('since the row before', '距上一行'),
  wireshark: t('Find it in Wireshark', '在 Wireshark 中查找'),

  healthy: t('Nothing is wrong in this capture', '这份抓包没有问题'),
  healthyDeck: (connections: string, one: boolean, scenarios: number): Text =>
    t(
      `${one ? 'The one connection was' : `All ${connections} connections were`} checked against ${scenarios} kinds of trouble. None applies. If something felt slow, it was not TCP at this point of the network.`,
      `${one ? '仅有的一条连接' : `${connections} 条连接`}逐一对照了 ${scenarios} 种问题，无一符合。如果确实觉得慢，原因不在网络这一点上的 TCP。`,
    ),
  noTcp: t('There is no TCP in this capture', '这份抓包里没有 TCP'),
  noTcpDeck: (packets: string): Text =>
    t(
      `${packets} packets were read and none of them is TCP, so there is no connection to judge. Was the capture taken with a filter, or on another interface?`,
      `读取了 ${packets} 个包，其中没有一个是 TCP，因此没有可判断的连接。抓包时是否用了过滤条件，或选了别的接口？`,
    ),
  checked: t('What was checked', '检查了什么'),
  handshakes: (n: string): Text => t(`${n} handshakes, each a dot`, `${n} 次握手，每点一次`),
  median: (time: string): Text => t(`median ${time}`, `中位数 ${time}`),
  couldNot: t('What could not be judged', '哪些无法判断'),
  worthKnowing: t('Worth knowing, nothing to mend', '值得了解，无需处理'),

  damage: t('Damage in the file', '文件损坏'),
  damageAt: (offset: string): Text => t(`at byte ${offset}`, `位于第 ${offset} 字节`),
  damageRest: t(
    'Everything before it was read and analysed; nothing is concluded from packets that are not there.',
    '此前的内容都已读取并分析，不会根据不存在的包下结论。',
  ),

  filter: t('Address, port, state, tag or scenario', '地址、端口、状态、标签或场景'),
  client: t('Client', '客户端'),
  server: t('Server', '服务器'),
  packets: t('Packets', '包'),
  data: t('Bytes', '字节'),
  started: t('Start', '开始'),
  lasted: t('Duration', '时长'),
  handshake: t('Opening', '建立'),
  end: t('Closing', '关闭'),
  trouble: t('Trouble', '问题'),
  matching: (n: string): Text => t(`${n} match`, `${n} 条符合`),
  noMatch: t('No connection matches.', '没有符合的连接。'),

  keySheet: t('Keys on this page', '本页快捷键'),
} as const;

export const severityWords: Record<Severity, Text> = {
  problem: t('Problem', '故障'),
  warning: t('Warning', '警告'),
  info: t('Worth knowing', '值得了解'),
};

export const certaintyWords: Record<Certainty, Text> = {
  certain: t('certain', '确定'),
  likely: t('likely', '很可能'),
  possible: t('possible', '可能'),
  unknown: t('not known', '未知'),
};

/** How a connection opened, by the core's word for it. */
export const handshakeWords: Record<string, Text> = {
  none: t('before the capture', '抓包开始之前'),
  syn: t('SYN, no answer', 'SYN 无应答'),
  refused: t('refused', '被拒绝'),
  'syn-ack': t('not acknowledged', '未被确认'),
  complete: t('complete', '完成'),
  partial: t('partly captured', '只抓到一部分'),
  crossed: t('SYN from both sides', '双方都发了 SYN'),
  reset: t('answer reset', '应答被复位'),
  elsewhere: t('one side captured', '只抓到一个方向'),
};

/** How a connection ended, by the core's word for it. */
export const endWords: Record<string, Text> = {
  open: t('open', '未结束'),
  closed: t('closed', '正常关闭'),
  'half-closed': t('half closed', '半关闭'),
  'reset-by-client': t('reset, client’s address', 'RST，客户端地址'),
  'reset-by-server': t('reset, server’s address', 'RST，服务器地址'),
  refused: t('refused', '被拒绝'),
};

export const symptomWord = (c: Text): Text => t(`What happened: ${c.en}`, `现象：${c.zh}`);
export const causeWord = (c: Text): Text => t(`Cause: ${c.en}`, `原因：${c.zh}`);

/** What the page does, for the sheet of keys; the ladder lists its own. */
export const pageKeys: { key: string; does: Text }[] = [
  { key: 'J  K', does: t('next and previous incident', '下一个、上一个事件') },
  { key: 'O', does: t('choose a file', '选择文件') },
  { key: 'L', does: t('English or Chinese', '英文或中文') },
];
