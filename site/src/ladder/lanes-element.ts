// <pcap-lanes>: a button and a panel in which the lanes of the ladder beside it
// are moved, renamed, hidden and put together, without dragging.

import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Arrangement, moveLane } from './arrange';
import type { Ladder, Lane, Lang } from './types';
import { say, word } from './words';

/** What the panel needs of a ladder element. */
interface Arranged extends HTMLElement {
  ladder: Ladder | null;
  arrangement: Arrangement;
  rearrange(arrangement: Arrangement): void;
}

@customElement('pcap-lanes')
export class LanesElement extends LitElement {
  @property() override lang = 'en';
  @state() private open = false;

  static override styles = css`
    :host { position: relative; display: inline-block; font: 12.5px/1.42 var(--sans, sans-serif); color: var(--ink-2, #474b54); }
    button { font: inherit; color: inherit; background: none; border: 0; padding: 2px 4px; border-radius: 4px; cursor: pointer; min-height: 24px; }
    button:hover:not(:disabled) { color: var(--evidence, #1a5ca6); }
    button:disabled { opacity: .35; cursor: default; }
    :is(button, input, select):focus-visible { outline: 2px solid var(--evidence, #1a5ca6); outline-offset: 1px; }
    .panel { position: absolute; right: 0; top: 28px; z-index: 3; width: max-content; max-width: calc(100vw - 32px); overflow: auto; padding: 14px 16px;
      background: var(--sheet, #fff); border: 1px solid var(--rule-2, #c9c4ba); border-radius: 10px; box-shadow: 0 12px 32px -12px rgb(0 0 0 / .22); }
    ul { margin: 0 0 10px; padding: 0; list-style: none; display: grid; gap: 10px; }
    li { display: grid; grid-template-columns: 20px minmax(80px, 150px) minmax(80px, 150px) auto; gap: 4px 8px; align-items: center; }
    li b { grid-column: 1 / -1; font-weight: 600; color: var(--ink, #1d1f23); font-variant-numeric: tabular-nums; }
    input:not([type]), select { font: inherit; color: inherit; min-width: 0; background: var(--paper, #fbfaf7); border: 1px solid var(--rule-2, #c9c4ba); border-radius: 5px; padding: 3px 6px; }
    @media (max-width: 720px) { :host { position: static; } .panel { left: 0; right: 0; width: auto; } }
    input[type=checkbox] { accent-color: var(--evidence, #1a5ca6); width: 16px; height: 16px; }
  `;

  /** The ladder in the same place of the page. */
  private get target(): Arranged | null {
    return (this.getRootNode() as Document | ShadowRoot).querySelector<Arranged>('pcap-ladder');
  }

  override render(): TemplateResult {
    const lang: Lang = this.lang.startsWith('zh') ? 'zh' : 'en';
    return html`<button type="button" aria-expanded=${this.open} @click=${this.toggle}>${word('lanes', lang)}</button>
      ${this.open && this.target?.ladder ? this.panel(this.target, lang) : nothing}`;
  }

  private toggle(): void {
    this.open = !this.open;
  }

  private panel(target: Arranged, lang: Lang): TemplateResult {
    const lanes = target.ladder?.lanes ?? [];
    const order = target.arrangement.order ?? [];
    const rank = (lane: Lane) => (order.includes(lane.id) ? order.indexOf(lane.id) : order.length);
    const sorted = [...lanes].sort((a, b) => rank(a) - rank(b));
    return html`<div class="panel" role="group" aria-label=${word('lanes', lang)} @keydown=${this.onKey}>
      <ul>${sorted.map((lane) => this.line(target, lane, lanes, lang))}</ul>
      <button type="button" @click=${() => this.set({})}>${word('asCaptured', lang)}</button>
    </div>`;
  }

  private line(target: Arranged, lane: Lane, lanes: Lane[], lang: Lang): TemplateResult {
    const a = target.arrangement;
    const about = (text: string) => `${lane.id}: ${text}`;
    const hidden = a.hidden?.includes(lane.id) ?? false;
    const move = (by: number) => () => this.set(moveLane(target.ladder as Ladder, a, lane.id, by));
    const rename = (e: Event) =>
      this.set({ ...a, names: entry(a.names, lane.id, (e.target as HTMLInputElement).value.trim()) });
    const merge = (e: Event) =>
      this.set({ ...a, merged: entry(a.merged, lane.id, (e.target as HTMLSelectElement).value) });
    return html`<li><b>${lane.id}</b>
      <label><input type="checkbox" .checked=${!hidden} aria-label=${about(word('shown', lang))} @change=${() => this.set(hide(a, lane.id, !hidden))}></label>
      <input aria-label=${about(word('name', lang))} placeholder=${say(lane.role, lang)} .value=${a.names?.[lane.id] ?? ''} @change=${rename}>
      <select aria-label=${about(word('sameAs', lang))} @change=${merge}>
        <option value="">${word('alone', lang)}</option>
        ${lanes.filter((o) => o.id !== lane.id).map((o) => html`<option value=${o.id} ?selected=${a.merged?.[lane.id] === o.id}>= ${o.id}</option>`)}
      </select>
      <span><button type="button" aria-label=${about(word('left', lang))} @click=${move(-1)}>←</button><button type="button" aria-label=${about(word('right', lang))} @click=${move(1)}>→</button></span>
    </li>`;
  }

  private set(arrangement: Arrangement): void {
    this.target?.rearrange(arrangement);
    this.requestUpdate();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.open = false;
    this.renderRoot.querySelector('button')?.focus();
  }
}

/** A record with one entry set, or left out when it is empty. */
function entry(record: Record<string, string> | undefined, key: string, value: string): Record<string, string> {
  const { [key]: _, ...rest } = record ?? {};
  return value ? { ...rest, [key]: value } : rest;
}

function hide(a: Arrangement, id: string, hidden: boolean): Arrangement {
  const rest = (a.hidden ?? []).filter((h) => h !== id);
  return { ...a, hidden: hidden ? [...rest, id] : rest };
}

declare global {
  interface HTMLElementTagNameMap {
    'pcap-lanes': LanesElement;
  }
}
