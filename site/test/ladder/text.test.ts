import { describe, expect, it } from 'vitest';
import { keys } from '../../src/ladder/keys';
import { layout } from '../../src/ladder/layout';
import { legend, legendHTML } from '../../src/ladder/legend';
import { listRows, speak, toText } from '../../src/ladder/text';
import { thumbnail } from '../../src/ladder/thumbnail';
import { toSVG } from '../../src/ladder/tosvg';
import { bulk } from './bulk';
import { load, NAMES, random } from './fixtures';

describe('as a list', () => {
  it('gives the packets with their exact times', () => {
    const rows = listRows(load('s2'), 'en');
    expect(rows.map((r) => [r.number, r.time, r.gap])).toEqual([
      [1, '18:56:40.353352', ''],
      [2, '18:56:40.353506', '154 µs'],
      [3, '18:56:40.353521', '15 µs'],
      [4, '18:56:41.395322', '1.041801 s'],
      [5, '18:56:41.395441', '119 µs'],
      [6, '18:56:41.395457', '16 µs'],
    ]);
    expect(rows[1]).toMatchObject({ from: '10.4.26.11:80', to: '10.4.26.45:35582', flags: 'SYN-ACK', evidence: true });
    expect(rows[1].detail).toBe('seq 0 · ack 1 · win 28960 · not accepted');
  });
  it('unfolds repeats and names events without a number', () => {
    const rows = listRows(load('s4'), 'zh');
    expect(rows.map((r) => r.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 14, 15]);
    expect(rows[13]).toMatchObject({ kind: 'event', time: '≈ 08:45:27', gap: '≈ 96 秒', flags: '半连接条目过期' });
  });
  it('ends after a thousand rows and says how many follow', () => {
    const rows = listRows(bulk(2500), 'en');
    expect(rows).toHaveLength(1001);
    expect(rows[1000].flags).toBe('1500 more rows');
  });
});

describe('read aloud', () => {
  it('says who, to whom, when and what was wrong', () => {
    const ladder = load('s2');
    const row = (ladder.rows ?? []).find((r) => r.number === 2)!;
    expect(speak(ladder, row, 0, 'en')).toBe(
      'packet 2: SYN-ACK from 10.4.26.11:80 to 10.4.26.45:35582, seq 0 · ack 1 · win 28960 · not accepted, 154 µs after the row before, evidence, not the address that was asked, never opened by this client',
    );
    expect(speak(ladder, row, 0, 'zh')).toContain('第 2 个包，SYN-ACK，从 10.4.26.11:80 到 10.4.26.45:35582');
  });
});

describe('in characters', () => {
  it('draws the wrong answer', () => {
    const lines = toText(load('s2'), 'en').split('\n');
    const second = lines.find((l) => l.startsWith('*  2'))!;
    expect(second).toMatch(/\(2\)\(5\) +\|!<-+ SYN-ACK seq 0 · ack 1 · win 28960 ---\|$/);
    expect(lines.filter((l) => /^[* ] +\d+ \d\d\./.test(l))).toHaveLength(6);
    expect(lines.some((l) => l.includes('~~ 1.04 s without a packet: the SYN timer (1 s) runs out ~~'))).toBe(true);
  });
  it('keeps the lanes straight under Chinese text', () => {
    const wide = (text: string) => [...text].reduce((n, c) => n + (c > '⺀' ? 2 : 1), 0);
    const bars = toText(load('s4'), 'zh')
      .split('\n')
      .filter((l) => l.endsWith('|'))
      .map(wide);
    expect(new Set(bars).size).toBe(1);
  });
  it('holds every packet of any ladder', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const ladder = random(seed);
      const drawn = new Set([...toText(ladder, 'en').matchAll(/^[* ] *(\d+) /gm)].map((m) => Number(m[1])));
      for (const r of ladder.rows ?? []) if (r.number && !r.inferred) expect(drawn).toContain(r.number);
    }
  });
});

/** Tags that open and close in order. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  for (const [, close, name, , self] of xml.matchAll(/<(\/?)([a-zA-Z]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
    if (close) {
      if (open.pop() !== name) return false;
    } else if (!self) open.push(name);
  }
  return open.length === 0;
}

describe('as a file', () => {
  for (const name of NAMES) {
    it(`${name} is one svg that needs nothing else`, () => {
      const svg = toSVG(layout(load(name), { width: 704, lang: 'zh' }), { theme: 'auto', paper: true });
      expect(wellFormed(svg)).toBe(true);
      expect(svg).not.toMatch(/\sstyle=|href=|url\((?!#pl-hatch)|NaN|undefined|Infinity/);
    });
  }
  it('escapes what came from the capture', () => {
    const ladder = load('s2');
    (ladder.lanes ?? [])[0].name = '<script>&"';
    const svg = toSVG(layout(ladder, { width: 704, lang: 'en' }));
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;&amp;&quot;');
  });
});

describe('as a stamp', () => {
  for (const name of NAMES) {
    it(name, () => {
      const svg = thumbnail(load(name));
      expect(wellFormed(svg)).toBe(true);
      expect(svg).not.toMatch(/<text|NaN|undefined/);
    });
  }
  it('shows the shape of a long one with few arrows', () => {
    expect(thumbnail(bulk(5000)).match(/class="a"/g)!.length).toBeLessThanOrEqual(9);
  });
});

describe('legend and keys', () => {
  it('name only the signs that the ladder uses', () => {
    expect(legend(load('s2'), 'en').map((i) => i.kind)).toEqual([
      'control',
      'reset',
      'repeat',
      'ignored',
      'unseen',
      'evidence',
    ]);
    expect(legendHTML(load('s4'), 'zh')).toContain('没有包的事件');
  });
  it('exist in both languages', () => {
    expect(keys('en')).toHaveLength(keys('zh').length);
    for (const key of keys('zh')) expect(key.does).toMatch(/[一-鿿]/);
  });
});
