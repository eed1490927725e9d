import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Finding, Ladder } from '../contract';
import type { LadderElement } from '../ladder/element';
import { toText } from '../ladder/text';
import { type Lang, say, type Text } from '../lang';
import { markdown } from '../markdown';
import { fileName, picture, save } from '../save';
import type { CutOut, ShareOptions } from '../share';
import { words } from '../words';
import { chainLink, downArrow } from './icons';
import './share';

type Kind = 'svg' | 'png' | 'md' | 'txt' | 'json' | 'pcapng' | 'headers.pcapng';

const kinds: { kind: Kind; name: Text }[] = [
  { kind: 'svg', name: words.asSVG },
  { kind: 'png', name: words.asPNG },
  { kind: 'md', name: words.asMarkdown },
  { kind: 'txt', name: words.asText },
  { kind: 'json', name: words.asJSON },
  { kind: 'pcapng', name: words.asPackets },
  { kind: 'headers.pcapng', name: words.asHeaders },
];

// Cut out of the capture by finding: nothing to offer without one.
const needFinding: Kind[] = ['md', 'pcapng', 'headers.pcapng'];
const needFrames: Kind[] = ['pcapng', 'headers.pcapng'];

const pngScale = 2;

/** What can be taken away from an incident: a link to it, and files of it. */
@customElement('pcap-actions')
export class Actions extends LitElement {
  @property({ attribute: false }) ladder!: Ladder;
  /** Null for a conversation drawn by itself. */
  @property({ attribute: false }) finding: Finding | null = null;
  @property({ attribute: false }) language: Lang = 'en';
  @property({ attribute: false }) listing = false;
  @property({ attribute: false }) cutOut!: (options: ShareOptions) => Promise<CutOut>;
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
      ${this.finding ? this.button('share', chainLink, say(words.share, lang)) : nothing}
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
      <pcap-share .finding=${this.finding} .language=${lang} .listing=${this.listing} .cutOut=${this.cutOut}></pcap-share>
    </div>`;
  }

  private exportPanel(): TemplateResult {
    const lang = this.language;
    const offered = kinds.filter(
      ({ kind }) => (this.finding || !needFinding.includes(kind)) && !(this.listing && needFrames.includes(kind)),
    );
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
      case 'pcapng':
        return new Blob([(await this.cutOut({ rename: false, whole: true })).bytes]);
      case 'headers.pcapng':
        return new Blob([(await this.cutOut({ rename: false, whole: false })).bytes]);
    }
  }

  private drawing(): string {
    const element = document.querySelector<LadderElement>('pcap-ladder');
    return element?.svgText() ?? '';
  }
}
