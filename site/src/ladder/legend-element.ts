// <pcap-legend>: the signs that one ladder uses.

import { html, LitElement, nothing, type TemplateResult, unsafeCSS } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { LEGEND_CSS, type LegendItem, legend } from './legend';
import { paint, paintHatch } from './paint';
import type { Ladder } from './types';

@customElement('pcap-legend')
export class LegendElement extends LitElement {
  @property({ attribute: false }) ladder: Ladder | null = null;
  @property() override lang = 'en';

  static override styles = unsafeCSS(LEGEND_CSS);

  override render(): TemplateResult | typeof nothing {
    if (!this.ladder) return nothing;
    return html`<ul>${legend(this.ladder, this.lang.startsWith('zh') ? 'zh' : 'en').map(item)}</ul>`;
  }
}

function item(i: LegendItem): TemplateResult {
  const hatch = i.kind === 'SYN_RECV' ? paintHatch() : nothing;
  return html`<li><svg class="pl" viewBox="0 0 34 14" aria-hidden="true">${hatch}${paint(i.marks)}</svg>${i.label}</li>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'pcap-legend': LegendElement;
  }
}
