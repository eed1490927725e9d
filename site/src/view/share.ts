import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Finding } from '../contract';
import { count, type Lang, say, type Text } from '../lang';
import { pack } from '../pack';
import { type CutOut, embedSnippet, type ShareOptions, sharedLink, tellsTheSame } from '../share';
import { words } from '../words';

const short = 1500; // characters that any chat takes
const long = 8000; // above it many programs cut an address

type Made =
  | { kind: 'making' }
  | { kind: 'failed' }
  | { kind: 'link'; link: string; packets: number; same: boolean | null };

/** Makes a link that carries the incident, and says what is in it. */
@customElement('pcap-share')
export class Share extends LitElement {
  @property({ attribute: false }) finding!: Finding;
  @property({ attribute: false }) language: Lang = 'en';
  /** A listing is shared as it is. */
  @property({ attribute: false }) listing = false;
  @property({ attribute: false }) cutOut!: (options: ShareOptions) => Promise<CutOut>;
  @state() private rename = true;
  @state() private made: Made = { kind: 'making' };
  private round = 0;

  override createRenderRoot() {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('finding') || changed.has('rename')) void this.make();
  }

  private async make(): Promise<void> {
    this.round += 1;
    const { round } = this;
    this.made = { kind: 'making' };
    try {
      const { bytes, packets } = await this.cutOut({ rename: this.rename, whole: false });
      const link = sharedLink(await pack(bytes), this.finding);
      if (round !== this.round) return;
      this.made = { kind: 'link', link, packets, same: null };
      const same = await tellsTheSame(bytes, this.finding);
      if (round === this.round) this.made = { kind: 'link', link, packets, same };
    } catch {
      if (round === this.round) this.made = { kind: 'failed' };
    }
  }

  override render(): TemplateResult {
    const lang = this.language;
    return html`<b>${say(words.shareHead, lang)}</b>
      ${this.listing ? nothing : this.renaming()}${this.result()}`;
  }

  private renaming(): TemplateResult {
    const lang = this.language;
    const changed = (event: Event) => {
      this.rename = (event.target as HTMLInputElement).checked;
    };
    return html`<label><input type="checkbox" .checked=${this.rename} @change=${changed}><span>${say(words.rename, lang)}<small>${say(words.renameWhat, lang)}</small></span></label>`;
  }

  private result(): TemplateResult {
    const { made, language: lang } = this;
    if (made.kind === 'making') return html`<p role="status">${say(words.making, lang)}</p>`;
    if (made.kind === 'failed') return html`<p role="status">${say(words.shareFailed, lang)}</p>`;
    const what = made.packets > 0 ? words.shareWhat(count(made.packets, lang)) : words.shareText;
    return html`<p>${say(what, lang)}</p><div class="url"><code>${made.link}</code><pcap-copy class="strong" .text=${made.link} .language=${lang} .label=${say(words.copyLink, lang)}></pcap-copy></div>
      <p class="length" role="status" data-same=${String(made.same)}>${say(made.same === false ? words.linkDiffers : lengthWords(made.link, lang), lang)}</p>
      <p class="embedline">${say(words.embedWhat, lang)} <pcap-copy .text=${embedSnippet(made.link)} .language=${lang} .label=${say(words.copyEmbed, lang)}></pcap-copy></p>`;
  }
}

function lengthWords(link: string, lang: Lang): Text {
  const length = count(link.length, lang);
  if (link.length <= short) return words.linkShort(length);
  return link.length <= long ? words.linkLong(length) : words.linkTooLong(length);
}
