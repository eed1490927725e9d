// The keys of the ladder, for the sheet of keys.

import type { Lang } from './types';

export interface Key {
  key: string;
  does: string;
}

const KEYS: [string, string, string][] = [
  ['↑ ↓', 'row by row', '逐行移动'],
  ['← →', 'from evidence to evidence', '在证据之间移动'],
  ['Home End', 'first and last row', '第一行和最后一行'],
  ['Enter', 'open the packet, or a fold', '打开包，或展开折叠'],
  ['F', 'fold or unfold', '折叠或展开'],
  ['1 … 9', 'the sentence with this number', '对应编号的句子'],
  ['Esc', 'close the packet', '关闭包的详情'],
  ['?', 'this sheet', '本表'],
];

export const keys = (lang: Lang): Key[] => KEYS.map(([key, en, zh]) => ({ key, does: lang === 'zh' ? zh : en }));
