// <pcap-ladder>: the ladder on a page. Lays out for its own width, renders only
// what is in view, answers to pointer and keys.

import { html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { type Arrangement, arrange, moveLane } from './arrange';
import { region } from './columns';
import { SANS } from './css';
import { ELEMENT_STYLES } from './element-css';
import { layout, type Scene } from './layout';
import './lanes-element';
import './legend-element';
import { canvasMeasure, type Measure } from './measure';
import { paint, paintHatch, paintMeanings } from './paint';
import type { Picture, View } from './scene';
import { keepEye, roots, visible } from './scroll';
import { speak } from './text';
import type { TimeMode } from './time';
import { toSVG } from './tosvg';
import type { Ladder, Lang, Row } from './types';
import { foldAround, step, walk } from './walk';
import { word } from './words';

/** What each event carries. */
export interface LadderEvents {
  'ladder-hover': { packets: number[]; sentences: number[] };
  'ladder-select': { packet: number; row: Row };
  'ladder-close': Record<string, never>;
  'ladder-sentence': { sentence: number };
  'ladder-fold': { id: string; open: boolean };
  'ladder-rows': { first: number; last: number; give(rows: Row[]): void };
  'ladder-keys': Record<string, never>;
  'ladder-arrange': { arrangement: Arrangement };
}

/** Up to this height everything is rendered at once; above it, a window. */
const WHOLE = 8000;
const OVERSCAN = 350;
const WINDOW_STEP = 200;

/** The nodes of one window of a scene. */
interface Painted {
  scene: Scene;
  top: number;
  bottom: number;
  view: View;
  under: SVGElement;
  over: SVGElement;
  meanings: SVGElement;
}

@customElement('pcap-ladder')
export class LadderElement extends LitElement {
  @property({ attribute: false }) ladder: Ladder | null = null;
  @property() override lang = 'en';
  @property() times: TimeMode = 'absolute';
  /** Packets that stay while all else fades; [] for none. */
  @property({ attribute: false }) linked: number[] = [];
  /** The sentence whose rows stay; 0 for none. */
  @property({ attribute: false }) linkedSentence = 0;
  /** The packet whose detail is open; 0 for none. */
  @property({ attribute: false }) selected = 0;
  @property({ attribute: false }) openFolds: string[] = [];

  /** The reader's own order, names and choice of lanes. */
  @property({ attribute: false }) arrangement: Arrangement = {};

  @state() private width = 0;
  @state() private top = 0;
  @state() private bottom = WHOLE;
  @state() private active = -1;
  @state() private keyed = false;
  @state() private held = '';
  @state() private given = new Map<string, Row[]>();

  private scene: Scene | null = null;
  private measure: Measure | null = null;
  private heard: EventTarget[] = [];
  private frame = 0;
  @state() private hovered = -1;
  private tied = new Set<number>();
  private readonly nodes = new WeakMap<Picture, SVGElement>();
  private lastPainted: Painted | null = null;
  private readonly hatch = paintHatch();
  private printing = false;
  private readonly sizes = new ResizeObserver(([entry]) => this.resize(entry.contentRect.width));

  static override styles = ELEMENT_STYLES;

  // ---- life ----------------------------------------------------------------

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
    this.heard = [...roots(this), window];
    for (const target of this.heard) target.addEventListener('scroll', this.onScroll, { capture: true, passive: true });
    window.addEventListener('resize', this.onScroll, { passive: true });
    window.addEventListener('beforeprint', this.onPrint);
    window.addEventListener('afterprint', this.onPrinted);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    for (const target of this.heard) target.removeEventListener('scroll', this.onScroll, { capture: true });
    window.removeEventListener('resize', this.onScroll);
    window.removeEventListener('beforeprint', this.onPrint);
    window.removeEventListener('afterprint', this.onPrinted);
    cancelAnimationFrame(this.frame);
  }

  private resize(width: number): void {
    const rounded = Math.round(width);
    if (rounded === this.width || rounded < 1) return;
    const anchor = this.scene && this.firstVisible();
    this.width = rounded;
    if (anchor) this.hold(anchor);
  }

  private readonly onPrint = (): void => {
    this.printing = true;
    this.requestUpdate();
    this.performUpdate();
  };
  private readonly onPrinted = (): void => {
    this.printing = false;
    this.requestUpdate();
  };

  private readonly onScroll = (): void => {
    if (this.frame || !this.scene || this.scene.height <= WHOLE) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.aim();
    });
  };

  /** Moves the rendered window when the view comes near its edge. */
  private aim(): void {
    const [from, to] = visible(this);
    if (from - this.top >= WINDOW_STEP && this.bottom - to >= WINDOW_STEP) return;
    this.top = Math.max(0, Math.floor((from - OVERSCAN) / WINDOW_STEP) * WINDOW_STEP);
    this.bottom = Math.ceil((to + OVERSCAN) / WINDOW_STEP) * WINDOW_STEP;
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has('ladder')) {
      if (changed.get('ladder') && !changed.has('arrangement')) this.arrangement = {};
      if (changed.get('ladder') !== undefined) this.openFolds = changed.has('openFolds') ? this.openFolds : [];
      this.given = new Map();
      this.active = -1;
    }
    if (
      !this.scene ||
      ['ladder', 'lang', 'times', 'openFolds', 'width', 'given', 'arrangement'].some((k) => changed.has(k))
    )
      this.layOut();
  }

  private layOut(): void {
    if (!this.ladder || !this.width) {
      this.scene = null;
      return;
    }
    this.measure ??= canvasMeasure(getComputedStyle(this).getPropertyValue('--sans').trim() || SANS);
    const { width, times, measure, given } = this;
    this.scene = layout(arrange(this.ladder, this.arrangement), {
      width,
      lang: this.language,
      times,
      measure,
      given,
      open: new Set(this.openFolds),
    });
    if (this.active >= this.scene.items.length) this.active = -1;
    if (this.scene.height > WHOLE) this.aim();
  }

  private get language(): Lang {
    return this.lang.startsWith('zh') ? 'zh' : 'en';
  }

  // ---- drawing -------------------------------------------------------------

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (!scene) return nothing;
    const all = this.printing || scene.height <= WHOLE;
    const top = all ? 0 : this.top;
    const bottom = all ? scene.height : Math.min(scene.height, this.bottom);
    const { view, under, over, meanings } = this.painted(scene, top, bottom);
    this.tied = new Set(this.kin(view.pictures, scene));
    const linked = this.linked.length > 0 || this.linkedSentence > 0;
    const box = `0 ${top} ${scene.width} ${bottom - top}`;
    return html`<div class=${`box${scene.width > this.width ? ' over' : ''}`} .style=${`height:${scene.height}px`}>
      <svg class=${`pl${linked ? ' linked' : ''}`} part="svg" .style=${`top:${top}px`} width=${scene.width} height=${bottom - top} viewBox=${box}
        lang=${this.language === 'zh' ? 'zh-CN' : 'en'} aria-hidden="true" @click=${this.onClick} @pointerover=${this.onOver} @pointerleave=${this.onLeave}>
        ${this.hatch}${under}
        ${repeat(
          view.pictures,
          (p) => p.id,
          (p) => this.row(p),
        )}
        ${over}${meanings}
        ${top < scene.top && scene.columns.x.length > 1 ? scene.columns.x.map((_, i) => this.grip(scene, i)) : nothing}
      </svg>
      ${this.list(view.pictures, scene)}
      <div class="spot"></div>
    </div>`;
  }

  /** The head of a lane, to be dragged to another place. */
  private grip(scene: Scene, lane: number): TemplateResult {
    const [left, right] = region(scene.columns, lane, scene.width);
    const from = lane === 0 && !scene.columns.narrow ? scene.columns.rail : left;
    const id = scene.ladder.lanes?.[lane]?.id ?? '';
    return svg`<rect class=${`grip${this.held === id ? ' held' : ''}`} data-lane=${id} x=${from} y="0" rx="5" width=${Math.max(0, right - from)} height=${scene.top - 6}
      @pointerdown=${this.grab} @pointermove=${this.drag} @pointerup=${this.release} @pointercancel=${this.release}><title>${word('drag', this.language)}</title></rect>`;
  }

  private row(p: Picture): TemplateResult {
    const act = p.role !== 'quiet';
    return svg`<g class=${this.rowClass(p)} data-id=${p.id} data-act=${act ? p.role : nothing}>${this.nodeOf(p)}</g>`;
  }

  /** The marks of a row as nodes, made once. */
  private nodeOf(p: Picture): SVGElement {
    const seen = this.nodes.get(p);
    if (seen) return seen;
    const made = paint(p.marks);
    this.nodes.set(p, made);
    return made;
  }

  /** What stands under and over the rows; made again only when the window moves. */
  private painted(scene: Scene, top: number, bottom: number): Painted {
    const last = this.lastPainted;
    if (last?.scene === scene && last.top === top && last.bottom === bottom) return last;
    const view = scene.view(top, bottom);
    this.lastPainted = {
      ...{ scene, top, bottom, view },
      under: paint([...view.ground, ...view.lanes], 'under'),
      over: paint(view.over, 'over'),
      meanings: paintMeanings(view.lanes),
    };
    return this.lastPainted;
  }

  private rowClass(p: Picture): string {
    const hot =
      p.packets.some((n) => this.linked.includes(n)) ||
      (this.linkedSentence > 0 && p.sentences.includes(this.linkedSentence));
    const sel = this.selected > 0 && p.role === 'packet' && p.packets[0] === this.selected;
    const kin = p.packets.some((n) => this.tied.has(n));
    const focus = this.keyed && this.scene?.items[this.active]?.id === p.id;
    return `${p.cls}${hot ? ' hot' : ''}${sel ? ' sel' : ''}${kin ? ' kin' : ''}${focus ? ' focus' : ''}`;
  }

  /** Packets tied to the one under the pointer: what it repeats or answers, and the other way round. */
  private kin(pictures: Picture[], scene: Scene): number[] {
    const own = scene.items[this.hovered];
    if (own?.kind !== 'packet' || own.row.number < 1) return [];
    const back = [own.row.repeats, own.row.answers];
    const rows = pictures.map((p) => scene.items[scene.indexOfId(p.id)].row);
    const forth = rows.filter((r) => r.repeats === own.row.number || r.answers === own.row.number);
    return [...back, ...forth.map((r) => r.number)].filter((n) => n > 0);
  }

  /** The same rows for those who do not see them; it holds the focus. */
  private list(pictures: Picture[], scene: Scene): TemplateResult {
    const rows = pictures.filter((p) => p.role !== 'quiet');
    const at = scene.items[this.active];
    const top = at ? at.top : Math.max(this.top, scene.top);
    const current = at && rows.some((p) => p.id === at.id) ? `row-${at.id}` : nothing;
    return html`<ol class="list" role="listbox" tabindex="0" aria-label=${`${word('list', this.language)}: ${scene.title}`} lang=${this.language === 'zh' ? 'zh-CN' : 'en'}
      aria-activedescendant=${current} .style=${`top:${top}px`} @keydown=${this.onKey} @focus=${this.onFocus} @blur=${this.onBlur}>
      ${repeat(
        rows,
        (p) => p.id,
        (p) => this.option(p, scene),
      )}
    </ol>`;
  }

  private option(p: Picture, scene: Scene): TemplateResult {
    const index = scene.indexOfId(p.id);
    const item = scene.items[index];
    const before = scene.beforeAt(index);
    const chosen = this.selected > 0 && p.packets[0] === this.selected;
    return html`<li role="option" id=${`row-${p.id}`} aria-selected=${chosen ? 'true' : 'false'}>${speak(scene.ladder, item.row, before, this.language)}</li>`;
  }

  // ---- pointer -------------------------------------------------------------

  private itemOf(event: Event): number {
    const row = (event.target as Element | null)?.closest?.('.row[data-act]');
    const id = row?.getAttribute('data-id');
    return id && this.scene ? this.scene.indexOfId(id) : -1;
  }

  private onClick(event: MouseEvent): void {
    const index = this.itemOf(event);
    if (index < 0) return;
    this.active = index;
    this.focusList();
    this.keyed = false;
    this.enter(index);
  }

  private onOver(event: PointerEvent): void {
    this.hover(this.itemOf(event));
  }

  private onLeave(): void {
    this.hover(-1);
  }

  private hover(index: number): void {
    if (index === this.hovered) return;
    this.hovered = index;
    const p = index < 0 ? null : (this.scene?.picture(index) ?? null);
    this.tell('ladder-hover', { packets: p?.packets ?? [], sentences: p?.sentences ?? [] });
  }

  /** Click or Enter on a row. */
  private enter(index: number): void {
    const item = this.scene?.items[index];
    if (!item) return;
    if (item.kind === 'fold' || item.kind === 'foldhead') this.toggle(index, index);
    else if (item.kind === 'packet' && item.row.number > 0)
      this.tell('ladder-select', { packet: item.row.number, row: item.row });
  }

  private grab(event: PointerEvent): void {
    const grip = event.currentTarget as Element;
    if (event.button !== 0) return;
    grip.setPointerCapture(event.pointerId);
    this.held = grip.getAttribute('data-lane') ?? '';
  }

  /** Changes places with a neighbour when the pointer is past the middle between them. */
  private drag(event: PointerEvent): void {
    const { scene } = this;
    if (!this.held || !scene || !this.ladder) return;
    const x = event.clientX - this.getBoundingClientRect().left;
    const lanes = scene.columns.x;
    const from = (scene.ladder.lanes ?? []).findIndex((lane) => lane.id === this.held);
    const to = lanes.reduce((best, at, i) => (Math.abs(at - x) < Math.abs(lanes[best] - x) ? i : best), from);
    if (from < 0 || to === from) return;
    this.rearrange(moveLane(this.ladder, this.arrangement, this.held, to - from));
  }

  private release(): void {
    this.held = '';
  }

  /** Takes a new arrangement of the lanes and tells the page. */
  rearrange(arrangement: Arrangement): void {
    this.arrangement = arrangement;
    this.tell('ladder-arrange', { arrangement });
  }

  // ---- keys ----------------------------------------------------------------

  private onFocus(): void {
    this.keyed = this.shadowRoot?.querySelector('.list')?.matches(':focus-visible') ?? false;
    if (this.active < 0) this.active = step(this.scene?.items ?? [], this.startIndex(), 1);
    this.hover(this.active);
  }

  private onBlur(): void {
    this.keyed = false;
    this.hover(-1);
  }

  private startIndex(): number {
    if (!this.scene || !this.ladder) return -1;
    if (this.selected) return this.scene.indexOf(this.selected) - 1;
    const [from] = visible(this);
    return from > this.scene.top ? this.scene.indexAt(from + 8) : -1;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.answer(event.key)) return;
    event.preventDefault();
    if (event.key !== 'Escape') event.stopPropagation();
  }

  private answer(key: string): boolean {
    const next = this.scene ? walk(this.scene.items, this.active, key) : null;
    if (next !== null) return this.move(next);
    if (key === 'Enter' || key === ' ') this.enter(this.active);
    else if (key === 'Escape') this.tell('ladder-close', {});
    else if (key === 'f' || key === 'F') this.toggle(foldAround(this.scene?.items ?? [], this.active), this.active);
    else if (key === '?') this.tell('ladder-keys', {});
    else if (/^[1-9]$/.test(key)) this.sentence(Number(key));
    else return false;
    return true;
  }

  private move(index: number): boolean {
    this.active = index;
    this.keyed = true;
    this.show(index);
    this.hover(index);
    return true;
  }

  private sentence(n: number): void {
    const index = this.scene?.items.findIndex((i) => i.marks.includes(n)) ?? -1;
    if (index < 0) return;
    this.move(index);
    this.tell('ladder-sentence', { sentence: n });
  }

  // ---- folds ---------------------------------------------------------------

  /** Opens or shuts a fold; the row under the eye stays where it is. */
  private toggle(fold: number, under: number): void {
    const { scene } = this;
    if (!scene || fold < 0) return;
    const { id } = scene.items[fold];
    const open = !this.openFolds.includes(id);
    const y = scene.items[under].top;
    this.openFolds = open ? [...this.openFolds, id] : this.openFolds.filter((f) => f !== id);
    if (open) this.fetchRows(id, scene);
    this.hold({ id, y });
    void this.updateComplete.then(() => {
      this.active = this.scene?.indexOfId(id) ?? -1;
    });
    this.tell('ladder-fold', { id, open });
  }

  private fetchRows(id: string, scene: Scene): void {
    const row = scene.items[scene.indexOfId(id)]?.row;
    const there = row?.rows?.filter((r) => r.kind === 'packet').length ?? 0;
    if (!row || there >= row.count || this.given.has(id) || !row.foldFirst) return;
    const ladder = this.ladder;
    const give = (rows: Row[]) => {
      if (this.ladder === ladder) this.given = new Map(this.given).set(id, rows);
    };
    this.tell('ladder-rows', { first: row.foldFirst, last: row.foldLast, give });
  }

  // ---- place ---------------------------------------------------------------

  private firstVisible(): { id: string; y: number } | null {
    const [from] = visible(this);
    const item = from > 0 ? this.scene?.items[this.scene.indexAt(from)] : undefined;
    return item ? { id: item.id, y: item.top } : null;
  }

  /** After the next update, scrolls so that an item stands where it stood. */
  private hold(anchor: { id: string; y: number }): void {
    void this.updateComplete.then(() => {
      const index = this.scene?.indexOfId(anchor.id) ?? -1;
      if (index >= 0 && this.scene) keepEye(this, this.scene.items[index].top - anchor.y);
    });
  }

  /** Scrolls only as far as needed to show a row. */
  private show(index: number, smooth = false): void {
    const item = this.scene?.items[index];
    const spot = this.shadowRoot?.querySelector<HTMLElement>('.spot');
    if (!item || !spot) return;
    spot.style.top = `${item.top}px`;
    spot.style.height = `${item.height}px`;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    spot.scrollIntoView({ block: 'nearest', behavior: smooth && !calm ? 'smooth' : 'auto' });
  }

  private focusList(): void {
    this.shadowRoot?.querySelector<HTMLElement>('.list')?.focus({ preventScroll: true });
  }

  private tell<Name extends keyof LadderEvents>(name: Name, detail: LadderEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  // ---- for the page --------------------------------------------------------

  /** Scrolls to a packet, opening the fold that hides it. */
  async reveal(packet: number, options: { focus?: boolean } = {}): Promise<void> {
    await this.updateComplete;
    let index = this.scene?.indexOf(packet) ?? -1;
    const fold = this.scene?.items[index];
    if (fold?.kind === 'fold') {
      this.openFolds = [...this.openFolds, fold.id];
      if (this.scene) this.fetchRows(fold.id, this.scene);
      await this.updateComplete;
      index = this.scene?.indexOf(packet) ?? -1;
    }
    if (index < 0) return;
    this.show(index, true);
    if (options.focus) this.focusRow(packet);
  }

  /** Scrolls to the row that carries a sentence's circle. */
  revealSentence(sentence: number): void {
    const index = this.scene?.items.findIndex((i) => i.marks.includes(sentence)) ?? -1;
    if (index >= 0) this.show(index, true);
  }

  /** Moves the focus to a packet's row. */
  focusRow(packet: number): void {
    const index = this.scene?.indexOf(packet) ?? -1;
    if (index < 0) return;
    this.active = index;
    this.focusList();
  }

  /** The ladder as it stands, as a file of its own. */
  svgText(): string {
    return this.scene ? toSVG(this.scene, { theme: 'auto', paper: true }) : '';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'pcap-ladder': LadderElement;
  }
}
