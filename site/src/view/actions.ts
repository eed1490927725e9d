import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Finding, Ladder } from '../contract';
import type { LadderElement } from '../ladder/element';
import { toText } from '../ladder/text';
import { type Lang, say, type Text } from '../lang';
import { markdown } from '../markdown';
import { fileName, picture, save } from '../save';
import { words } from '../words';
import { chainLink, downArrow } from './icons';

type Kind = 'svg' | 'png' | 'md' | 'txt' | 'json';

const kinds: { kind: Kind; name: Text }[] = [
  { kind: 'svg', name: words.asSVG },
  { kind: 'png', name: words.asPNG },
  { kind: 'md', name: words.asMarkdown },
  { kind: 'txt', name: words.asText },
  { kind: 'json', name: words.asJSON },
];

const pngScale = 2;

/** What can be taken away from an incident: a link to it, and files of it. */
@customElement('pcap-actions')
export class Actions extends LitElement {
  @property({ attribute: false }) ladder!: Ladder;
  /** Null for a conversation drawn by itself. */
  @property({ attribute: false }) finding: Finding | null = null;
  @property({ attribute: false }) language: Lang = 'en';
  /** The address of what is shown, when the capture behind it can be had by others. */
  @property({ attribute: false }) link = '';
  @state() private open: '' | 'share' | 'export' = '';

  override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('click', this.outside);
  }

  override disconnectedCallback(): void {
    document.removeEventListener('click', this.outside);
    super.disconnectedCallback();
  }

  private outside = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.open = '';
  };

  override render(): TemplateResult {
    const lang = this.language;
    return html`<div class="acts" @keydown=${this.onKey}>
      ${this.link ? this.button('share', chainLink, say(words.share, lang)) : nothing}
      ${this.button('export', downArrow, say(words.export, lang))}
      ${this.open === 'share' ? this.sharePanel() : nothing}
      ${this.open === 'export' ? this.exportPanel() : nothing}
    </div>`;
  }

  private button(which: 'share' | 'export', icon: TemplateResult, word: string): TemplateResult {
    return html`<button class="act" type="button" aria-expanded=${this.open === which} @click=${() => this.toggle(which)}>${icon}${word}</button>`;
  }

  private toggle(which: 'share' | 'export'): void {
    this.open = this.open === which ? '' : which;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.open) return;
    event.stopPropagation();
    this.open = '';
  }

  private sharePanel(): TemplateResult {
    const lang = this.language;
    return html`<div class="pop" role="group" aria-label=${say(words.share, lang)}>
      <b>${say(words.shareHead, lang)}</b><p>${say(words.shareWhat, lang)}</p>
      <div class="url"><code>${this.link}</code><pcap-copy .text=${this.link} .language=${lang}></pcap-copy></div>
    </div>`;
  }

  private exportPanel(): TemplateResult {
    const lang = this.language;
    const offered = kinds.filter((one) => this.finding || one.kind !== 'md');
    return html`<div class="pop menu" role="group" aria-label=${say(words.export, lang)}>
      ${offered.map((one) => html`<button type="button" @click=${() => this.export(one.kind)}>${say(one.name, lang)}</button>`)}
      <pcap-copy .text=${toText(this.ladder, lang)} .language=${lang} .label=${say(words.copyText, lang)}></pcap-copy>
    </div>`;
  }

  private async export(kind: Kind): Promise<void> {
    const title = say(this.finding?.title ?? this.ladder.title, this.language);
    save(fileName(title, kind), await this.content(kind));
    this.open = '';
  }

  private async content(kind: Kind): Promise<Blob> {
    const lang = this.language;
    switch (kind) {
      case 'svg':
        return new Blob([this.drawing()], { type: 'image/svg+xml' });
      case 'png':
        return picture(this.drawing(), pngScale);
      case 'md':
        return new Blob([markdown(this.finding!, this.ladder, lang)], { type: 'text/markdown' });
      case 'txt':
        return new Blob([toText(this.ladder, lang)], { type: 'text/plain' });
      case 'json':
        return new Blob([JSON.stringify({ finding: this.finding, ladder: this.ladder }, null, 1)], {
          type: 'application/json',
        });
    }
  }

  private drawing(): string {
    const element = document.querySelector<LadderElement>('pcap-ladder');
    return element?.svgText() ?? '';
  }
}
