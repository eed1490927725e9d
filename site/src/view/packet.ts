import { html, nothing, type TemplateResult } from 'lit';
import type { DetailField, FieldGroup, Layer, PacketDetail } from '../contract';
import { clock, count, duration, type Lang, say } from '../lang';
import { words } from '../words';
import { prose } from './prose';

export interface PacketProps {
  lang: Lang;
  detail: PacketDetail;
  /** Its place among the packets that the ladder shows; 0 when it is not among them. */
  place: number;
  of: number;
  layers: Layer[] | null;
  bytes: Uint8Array | null;
  /** The header field whose bytes are lit. */
  lit: { offset: number; length: number } | null;
  canShowBytes: boolean;
  onMove(by: 1 | -1): void;
  onClose(): void;
  onBytes(): void;
  onLight(field: { offset: number; length: number } | null): void;
}

/** One packet: a plain sentence, then its fields, then its bytes. */
export function packetSheet(p: PacketProps): TemplateResult {
  const { detail, lang } = p;
  return html`<aside class="sheet" aria-label=${`${say(words.packet, lang)} ${detail.number}`}>
    ${sheetHead(p)}
    <h2>${say(detail.title, lang)}</h2>
    <p class="lead">${prose(say(detail.sentence, lang))}</p>
    ${tags(p)}
    <h3>${say(words.when, lang)}</h3>
    <table><tbody>${row(say(words.time, lang), clock(detail.time, 9))}${neighbours(detail, lang)}</tbody></table>
    <h3>${say(words.fromTo, lang)}</h3>
    <table><tbody>${row(say(words.from, lang), detail.from)}${row(say(words.to, lang), detail.to)}</tbody></table>
    ${detail.groups?.map((group) => fieldGroup(group, lang))}
    ${bytesPart(p)}
    <h3>${say(words.wireshark, lang)}</h3>
    <pre><code>frame.number == ${detail.number}</code><pcap-copy .text=${`frame.number == ${detail.number}`} .language=${lang}></pcap-copy></pre>
  </aside>`;
}

function sheetHead(p: PacketProps): TemplateResult {
  const { lang, detail } = p;
  const head = p.place > 0 ? say(words.packetOf(p.place, p.of), lang) : `${say(words.packet, lang)} ${detail.number}`;
  return html`<header><span>${head}</span><div>
    <button class="key" type="button" aria-label=${say(words.previousPacket, lang)} @click=${() => p.onMove(-1)}>↑</button>
    <button class="key" type="button" aria-label=${say(words.nextPacket, lang)} @click=${() => p.onMove(1)}>↓</button>
    <button class="key" type="button" aria-label=${`Esc: ${say(words.close, lang)}`} @click=${p.onClose}>Esc</button>
  </div></header>`;
}

function tags(p: PacketProps): unknown {
  if (!p.detail.tags?.length) return nothing;
  return html`<h3>${say(words.tags, p.lang)}</h3><dl class="tags">${p.detail.tags.map(
    (tag) => html`<dt>${say(tag.name, p.lang)}</dt><dd>${prose(say(tag.meaning, p.lang))}</dd>`,
  )}</dl>`;
}

function row(name: string, value: unknown): TemplateResult {
  return html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`;
}

function neighbours(detail: PacketDetail, lang: Lang): unknown[] {
  const out = [];
  if (detail.previous > 0) out.push(row(say(words.after(detail.previous), lang), duration(detail.sincePrevious, lang)));
  if (detail.next > 0) out.push(row(say(words.before(detail.next), lang), duration(detail.untilNext, lang)));
  return out;
}

function fieldGroup(group: FieldGroup, lang: Lang): TemplateResult {
  return html`<h3>${say(group.name, lang)}</h3><table><tbody>${group.fields?.map((field) => row(say(field.name, lang), value(field, lang)))}</tbody></table>`;
}

function value(field: DetailField, lang: Lang): TemplateResult {
  if (!field.known) return html`<span class="unk">${say(words.unknown, lang)}</span>`;
  const small = [field.raw, say(field.meaning, lang)].filter(Boolean).join(lang === 'zh' ? '，' : ', ');
  return html`${field.value}${small ? html` <small>${small}</small>` : nothing}`;
}

function bytesPart(p: PacketProps): unknown {
  if (!p.canShowBytes) return nothing;
  if (!p.bytes)
    return html`<button class="btn wide" type="button" @click=${p.onBytes}>${say(words.showBytes, p.lang)}</button>`;
  return html`<h3>${say(words.bytes, p.lang)} <small>${count(p.bytes.length, p.lang)}</small></h3>
    ${hex(p.bytes, p.lit)}
    <div class="layers">${p.layers?.map((layer) => layerFields(p, layer))}</div>`;
}

function layerFields(p: PacketProps, layer: Layer): TemplateResult {
  return html`<h4>${layer.name}</h4><ul>${layer.fields?.map((field) => {
    const light = () => p.onLight(field);
    return html`<li><button type="button" @mouseenter=${light} @focus=${light} @mouseleave=${() => p.onLight(null)} @blur=${() => p.onLight(null)}>
      <span>${field.name}</span><b>${field.value}</b>${field.meaning?.[p.lang] ? html`<small>${field.meaning[p.lang]}</small>` : nothing}</button></li>`;
  })}</ul>`;
}

const bytesPerLine = 16;
const bytesShown = 512; // of a jumbo frame; its headers stand at the front

function hex(bytes: Uint8Array, lit: PacketProps['lit']): TemplateResult {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, bytesShown); at += bytesPerLine) {
    lines.push(hexLine(bytes.subarray(at, at + bytesPerLine), at, lit));
  }
  return html`<div class="hex" role="img" aria-label="hex">${lines}</div>`;
}

function hexLine(bytes: Uint8Array, at: number, lit: PacketProps['lit']): TemplateResult {
  const cells = [...bytes].map((byte, i) => {
    const on = lit !== null && at + i >= lit.offset && at + i < lit.offset + lit.length;
    const text = byte.toString(16).padStart(2, '0');
    return on ? html`<mark>${text}</mark>` : html`<span>${text}</span>`;
  });
  return html`<div><i>${at.toString(16).padStart(4, '0')}</i>${cells}</div>`;
}
