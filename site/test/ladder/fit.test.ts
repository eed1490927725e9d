import { describe, expect, it } from 'vitest';
import { flagWords, label, Ruler } from '../../src/ladder/fit';
import { tableMeasure } from '../../src/ladder/measure';
import type { Row } from '../../src/ladder/types';
import { row } from './bulk';

const en = new Ruler(tableMeasure, 'en');
const zh = new Ruler(tableMeasure, 'zh');
const words = (r: Row, room: number, ruler = en) =>
  label(r, 0, room, ruler)
    .map((run) => run.text)
    .join(' ');

describe('labels drop what has no room, in order', () => {
  const synAck = row({ flags: 'SYN-ACK', seq: '0', ack: '1', window: 28960 });
  it('win, then seq, then all but the flags, then the short form', () => {
    expect(words(synAck, 300)).toBe('SYN-ACK seq 0 · ack 1 · win 28960');
    expect(words(synAck, 200)).toBe('SYN-ACK seq 0 · ack 1');
    expect(words(synAck, 130)).toBe('SYN-ACK ack 1');
    expect(words(synAck, 80)).toBe('SYN-ACK');
    expect(words(synAck, 40)).toBe('[S.]');
  });
  it('keeps the length of data to the last', () => {
    const data = row({ class: 'data', flags: 'PSH-ACK', seq: '4294967295', ack: '1234567', length: 1448 });
    expect(words(data, 400)).toBe('PSH-ACK seq 4294967295 · ack 1234567 · len 1448');
    expect(words(data, 130)).toBe('PSH-ACK len 1448');
  });
  it('says of which packet it is a repeat', () => {
    const again = row({ flags: 'SYN', seq: '0', repeated: true, repeats: 3 });
    expect(words(again, 300)).toBe('SYN seq 0 · repeats #3');
    expect(words(again, 300, zh)).toBe('SYN seq 0 · 重传 #3');
    expect(label(again, 3, 300, en)[1].text).toBe('seq 0 · repeats #3, 3rd time');
  });
  it('prefers what is unusual to plain numbers', () => {
    const probe = row({
      class: 'ack',
      flags: 'ACK',
      seq: '80',
      ack: '10137',
      tags: ['zero_window', 'zero_window_probe_ack'],
    });
    expect(words(probe, 480)).toBe('ACK seq 80 · ack 10137 · window 0 · answers the window probe');
    expect(words(probe, 150)).toBe('ACK window 0');
  });
  it('never is wider than its room', () => {
    for (let room = 24; room < 320; room += 7) {
      for (const r of [
        synAck,
        row({ class: 'other', flags: 'ICMP host unreachable' }),
        row({ class: 'reset', flags: 'RST-ACK', seq: '1', window: 0 }),
      ]) {
        expect(en.runs(label(r, 0, room, en))).toBeLessThanOrEqual(room);
      }
    }
  });
  it('calls a repeated acknowledgement by its name', () => {
    expect(flagWords(row({ flags: 'ACK', tags: ['duplicate_ack'] }))).toBe('DupACK');
  });
});

describe('wrapping', () => {
  const long = 'the same client port, 41952, while the first connection is still open';
  it('keeps every word and the room', () => {
    const lines = en.wrap(long, 'note', 120, 9);
    expect(lines.join(' ')).toBe(long);
    for (const line of lines) expect(en.width(line, 'note')).toBeLessThanOrEqual(120);
  });
  it('begins no line with a sign that closes, ends none with one that opens', () => {
    const text = '拿到请求的是代理（sidecar），不是服务端；host unreachable，引用了“#6”的 SYN。';
    for (let room = 60; room < 300; room += 9) {
      const lines = zh.wrap(text, 'note', room, 20);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      for (const line of lines) {
        expect(line).not.toMatch(/^[、。，；：）”]/);
        expect(line).not.toMatch(/[（“]$/);
      }
    }
  });
  it('makes lines about equally long', () => {
    const [first, second] = zh.wrap('客户端从未打开这条连接', 'note', 110, 3);
    expect(Math.abs(first.length - second.length)).toBeLessThanOrEqual(1);
  });
  it('cuts the last line that may stand, with an ellipsis', () => {
    const lines = en.wrap(long, 'note', 90, 2);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/…$/);
  });
  it('keeps both ends of an address', () => {
    const short = en.cutMiddle('2001:db8:85a3::8a2e:370:7334', 'address', 140);
    expect(short).toMatch(/^200.*….*7334$/);
    expect(en.width(short, 'address')).toBeLessThanOrEqual(140);
  });
});

describe('the table of widths', () => {
  it('counts a Chinese character as one em', () => {
    expect(zh.width('抓包', 'note')).toBe(23);
  });
});
