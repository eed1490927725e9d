import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Term } from '../glossary';
import { type Lang, say } from '../lang';

const below = 8; // px between the word and its meaning
const edge = 12; // px to the window's edge

/** A word that opens its meaning. */
@customElement('pcap-term')
export class TermWord extends LitElement {
  @property({ attribute: false }) term!: Term;
  @property({ attribute: false }) text = '';
  @property({ attribute: false }) language: Lang = 'en';
  @query('.termpop') private pop!: HTMLElement;
  @query('button') private word!: HTMLElement;

  override createRenderRoot() {
    return this;
  }

  override render(): TemplateResult {
    return html`<button class="term" type="button" aria-haspopup="dialog" @click=${this.open}>${this.text}</button><span class="termpop" popover role="note">${say(this.term.meaning, this.language)}</span>`;
  }

  private open(): void {
    this.pop.showPopover();
    const word = this.word.getBoundingClientRect();
    const size = this.pop.getBoundingClientRect();
    const left = Math.max(edge, Math.min(word.left, innerWidth - size.width - edge));
    const under = word.bottom + below;
    const top = under + size.height > innerHeight ? word.top - size.height - below : under;
    this.pop.style.left = `${left}px`;
    this.pop.style.top = `${top}px`;
  }
}
