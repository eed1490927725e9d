// Texts of the core on the page: "#12" becomes a chip that points into the
// ladder, `code` is set as code.

import { html, type TemplateResult } from 'lit';
import { withTerms } from '../glossary';
import type { Lang } from '../lang';
import './term';

type Part = string | { packet: number } | { code: string };

const marks = /(?<![\w/#])#(\d+)\b|`([^`]+)`/g;

/** Cuts a text at its packet references and its code. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(marks)) {
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push(match[1] ? { packet: Number(match[1]) } : { code: match[2] });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** The packets of a sentence whose words name none; words that name some have chosen. */
export function unnamedPackets(text: string, packets: number[]): number[] {
  const names = partsOf(text).some((part) => typeof part === 'object' && 'packet' in part);
  return names ? [] : packets;
}

const chipsShown = 4; // more than this and a sentence drowns in its own evidence

export function chip(packet: number): TemplateResult {
  return html`<button class="pk" type="button" data-packet=${packet}>#${packet}</button>`;
}

/** What has been explained already, so that a word opens its meaning once. */
export interface Explained {
  lang: Lang;
  seen: Set<string>;
}

export function prose(text: string, explained?: Explained): unknown[] {
  return partsOf(text).map((part) => {
    if (typeof part === 'string') return explained ? words(part, explained) : part;
    return 'packet' in part ? chip(part.packet) : html`<code>${part.code}</code>`;
  });
}

function words(text: string, { lang, seen }: Explained): unknown[] {
  return withTerms(text, seen).map((part) => {
    if (typeof part === 'string') return part;
    return html`<pcap-term .term=${part.term} .text=${part.text} .language=${lang}></pcap-term>`;
  });
}

/** A sentence with its packets: when it names none, they stand before its full stop. */
export function sentence(text: string, packets: number[], explained?: Explained): unknown[] {
  const rest = unnamedPackets(text, packets);
  if (rest.length === 0) return prose(text, explained);
  const stop = /[.。]$/.exec(text)?.[0] ?? '';
  const body = stop ? text.slice(0, -stop.length) : text;
  const chips = rest.slice(0, chipsShown).map((packet) => html` ${chip(packet)}`);
  const more = rest.length > chipsShown ? html` <span class="morepk">+${rest.length - chipsShown}</span>` : '';
  return [...prose(body, explained), ...chips, more, stop];
}
