import { describe, expect, it } from 'vitest';
import { terms, withTerms } from '../../src/glossary';

const words = (text: string, seen = new Set<string>()) =>
  withTerms(text, seen).flatMap((part) => (typeof part === 'string' ? [] : [part.text]));

describe('words that open their meaning', () => {
  it('takes the longest word, and each once', () => {
    expect(words('A SYN, then a SYN-ACK; the SYN_RECV state, another SYN.')).toEqual(['SYN', 'SYN-ACK', 'SYN_RECV']);
  });

  it('leaves what only looks like one', () => {
    expect(words('TCP_SYNCNT, PSH-ACK, RSTs and x-SACK')).toEqual([]);
  });

  it('finds Chinese words between Chinese characters', () => {
    expect(words('监听套接字的全连接队列已满')).toEqual(['全连接队列']);
  });

  it('keeps the text as it was', () => {
    const text = '154 µs 后，SYN-ACK 从 10.4.26.11 返回。';
    const parts = withTerms(text, new Set()).map((part) => (typeof part === 'string' ? part : part.text));
    expect(parts.join('')).toBe(text);
  });

  it('explains every word in both languages', () => {
    for (const { id, meaning } of terms)
      expect([id, meaning.en.length > 20, meaning.zh.length > 10]).toEqual([id, true, true]);
  });
});
