import { html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Lang, say } from '../lang';
import { words } from '../words';
import { copySheets } from './icons';

const answerFor = 1600; // ms that "copied" stays

/** A button that copies its text and says so in place. */
@customElement('pcap-copy')
export class CopyButton extends LitElement {
  @property() text = '';
  @property({ attribute: false }) language: Lang = 'en';
  @property() label = '';
  @state() private done = false;

  override createRenderRoot() {
    return this;
  }

  override render() {
    const word = this.done ? say(words.copied, this.language) : this.label || say(words.copy, this.language);
    return html`<button class="copy" type="button" @click=${this.copy}>${copySheets}<span aria-live="polite">${word}</span></button>`;
  }

  private async copy(): Promise<void> {
    await navigator.clipboard.writeText(this.text);
    this.done = true;
    setTimeout(() => {
      this.done = false;
    }, answerFor);
  }
}
