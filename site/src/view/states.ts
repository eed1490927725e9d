// Screens that are neither the first one nor a result: reading, and what went wrong.

import { html, nothing, type TemplateResult } from 'lit';
import type { Progress } from '../contract';
import { counted, type Lang, say, size, type Text } from '../lang';
import { words } from '../words';

export interface LoadingProps {
  lang: Lang;
  name: string;
  size: number;
  /** Bytes of the file taken so far. */
  read: number;
  progress: Progress | null;
  onCancel(): void;
}

export function loading(p: LoadingProps): TemplateResult {
  const known = p.progress !== null && p.size > 0;
  const done = known && p.read >= p.size;
  const step = !p.progress ? words.loadingCore : done ? words.analysing : words.reading;
  return html`<main class="plain state" id="main" aria-busy="true">
    <p class="eyebrow" role="status">${say(step, p.lang)}</p>
    <h1>${p.name}</h1>
    <progress .value=${known ? p.read : 0} max=${p.size || 1} aria-label=${say(words.reading, p.lang)}></progress>
    <p class="figures">${size(p.read, p.lang)} / ${size(p.size, p.lang)}${p.progress ? html`<span class="dot" aria-hidden="true">·</span>${counted(p.progress.packets, 'packet', 'packets', '个包', p.lang)}` : nothing}</p>
    <button class="btn" type="button" @click=${p.onCancel}>${say(words.cancel, p.lang)}</button>
  </main>`;
}

export interface TroubleProps {
  lang: Lang;
  head: Text;
  name: string;
  what: Text;
  /** What the core said before it died; stands in a box to copy. */
  report: string;
  onChoose(): void;
  onBack(): void;
}

export function trouble(p: TroubleProps): TemplateResult {
  return html`<main class="plain state" id="main"><div role="alert">
    <p class="eyebrow">${p.name}</p>
    <h1>${say(p.head, p.lang)}</h1>
    <p class="deck">${say(p.what, p.lang)}</p>
    <div class="btns">
      <button class="btn main" type="button" @click=${p.onChoose}>${say(words.tryAnother, p.lang)}</button>
      <button class="btn" type="button" @click=${p.onBack}>${say(words.backHome, p.lang)}</button>
    </div>
    ${p.report ? html`<pre class="lastwords" tabindex="0">${p.report}</pre><pcap-copy .text=${p.report} .language=${p.lang}></pcap-copy>` : nothing}
  </div></main>`;
}

export interface AskProps {
  lang: Lang;
  address: URL;
  onYes(): void;
  onBack(): void;
}

/** Before a capture is fetched from elsewhere: from where, and what that tells whom. */
export function ask(p: AskProps): TemplateResult {
  return html`<main class="plain state" id="main">
    <p class="eyebrow">${p.address.href}</p>
    <h1>${say(words.fetchHead(p.address.host), p.lang)}</h1>
    <p class="deck">${say(words.fetchWhat, p.lang)}</p>
    <div class="btns">
      <button class="btn main" type="button" @click=${p.onYes}>${say(words.fetchYes, p.lang)}</button>
      <button class="btn" type="button" @click=${p.onBack}>${say(words.backHome, p.lang)}</button>
    </div>
  </main>`;
}
