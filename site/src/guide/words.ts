import type { Text } from '../lang';

const t = (en: string, zh: string): Text => ({ en, zh });

export const guideWords = {
  guide: t('All scenarios', '全部场景'),
  indexTitle: t('What can go wrong with a TCP connection', 'TCP 连接会出哪些问题'),
  indexDeck: (n: number): Text =>
    t(
      `${n} kinds of trouble, by what you see first: how each is recognised in packets, what it is confused with, and what to do.`,
      `${n} 种问题，按最先看到的现象排列：在包里怎么认出、容易与什么混淆、该怎么办。`,
    ),
  realCase: t('A real case', '一个真实案例'),
  openCapture: t('Open this capture', '打开这份抓包'),
  means: t('What it is', '它是什么'),
  recognised: t('How it is recognised', '如何认出'),
  confused: t('What it is confused with', '容易与什么混淆'),
};

/** Where a person would look for a scenario, by the core's word for it. */
export const symptomWords: Record<string, Text> = {
  'syn-nothing': t('SYN, then nothing', '发出 SYN，没有下文'),
  'syn-reset': t('SYN, then RST', '发出 SYN，得到 RST'),
  'syn-odd': t('SYN, then something strange', '发出 SYN，得到奇怪的应答'),
  'synack-repeat': t('The handshake does not finish', '握手总是完不成'),
  'data-reset': t('Reset right after a request, or during data', '请求之后或传输途中被复位'),
  stall: t('It hangs', '卡住不动'),
  slow: t('It works, slowly', '能用，但慢'),
  close: t('It ends badly', '结束得不正常'),
  protocol: t('The two sides speak different languages', '两端说的不是同一种协议'),
  capture: t('The capture itself', '抓包本身的问题'),
};
