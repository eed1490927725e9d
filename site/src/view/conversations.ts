import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Conversation } from '../contract';
import type { Engine } from '../engine';
import { between, clock, count, duration, type Lang, say, size, type Text } from '../lang';
import { endWords, handshakeWords, words } from '../words';

const rowHeight = 34; // px; the window below counts on it
const pageRows = 100; // rows asked for at once
const spare = 8; // rows drawn beyond either edge

interface Column {
  key: string;
  head: Text;
  right?: true;
  cell(row: Conversation, lang: Lang): unknown;
}

const word = (table: Record<string, Text>, id: string, lang: Lang) => say(table[id], lang) || id;

const columns: Column[] = [
  { key: 'client', head: words.client, cell: (row) => row.client },
  { key: 'server', head: words.server, cell: (row) => row.server },
  { key: 'packets', head: words.packets, right: true, cell: (row, lang) => count(row.packets, lang) },
  { key: 'bytes', head: words.data, right: true, cell: (row, lang) => size(row.bytes, lang) },
  { key: 'id', head: words.started, right: true, cell: (row) => clock(row.first, 3) },
  {
    key: 'duration',
    head: words.lasted,
    right: true,
    cell: (row, lang) => duration(between(row.first, row.last), lang),
  },
  { key: 'handshake', head: words.handshake, cell: (row, lang) => word(handshakeWords, row.handshake, lang) },
  { key: 'end', head: words.end, cell: (row, lang) => word(endWords, row.end, lang) },
];

/** Every conversation of the capture: asked for in pages, drawn only where seen. */
@customElement('pcap-conversations')
export class ConversationTable extends LitElement {
  @property({ attribute: false }) engine!: Engine;
  @property({ attribute: false }) hrefOf!: (id: number) => string;
  @property({ attribute: false }) titleOf!: (finding: number) => string;
  @property({ attribute: false }) language: Lang = 'en';

  @state() private filter = '';
  @state() private order = 'id';
  @state() private descending = false;
  @state() private total = 0;
  @state() private top = 0;
  @state() private height = 600;
  private pages = new Map<number, Conversation[]>();
  private asked = 0;

  override createRenderRoot() {
    return this;
  }

  override firstUpdated(): void {
    const body = this.querySelector('.vbody');
    if (body) new ResizeObserver(([entry]) => this.measure(entry.contentRect.height)).observe(body);
    this.restart();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('top') || changed.has('height')) this.load();
  }

  override render(): TemplateResult {
    const first = Math.max(0, Math.floor(this.top / rowHeight) - spare);
    const last = Math.min(this.total, Math.ceil((this.top + this.height) / rowHeight) + spare);
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => this.row(first + i));
    return html`
      <div class="vbar"><input type="search" .value=${this.filter} placeholder=${say(words.filter, this.language)} aria-label=${say(words.filter, this.language)} @input=${this.onFilter}>
      <span role="status">${say(words.matching(count(this.total, this.language)), this.language)}</span></div>
      <div class="vtable" role="table" aria-rowcount=${this.total + 1}>
        <div class="vrow vhead" role="row">${columns.map((column) => this.head(column))}<span role="columnheader">${say(words.trouble, this.language)}</span></div>
        <div class="vbody" role="rowgroup" tabindex="0" @scroll=${this.onScroll}>
          <div class="vspace" role="presentation" .style=${`height:${Math.max(this.total, 1) * rowHeight}px`}>${this.total === 0 ? html`<p class="vnone">${say(words.noMatch, this.language)}</p>` : rows}</div>
        </div>
      </div>`;
  }

  private head(column: Column): TemplateResult {
    const on = column.key === this.order;
    const sort = on ? (this.descending ? 'descending' : 'ascending') : 'none';
    return html`<span role="columnheader" aria-sort=${sort} class=${column.right ? 'r' : ''}><button type="button" @click=${() => this.sortBy(column)}>${say(column.head, this.language)}${on ? html`<i aria-hidden="true">${this.descending ? '↓' : '↑'}</i>` : nothing}</button></span>`;
  }

  private row(index: number): TemplateResult {
    const row = this.pages.get(Math.floor(index / pageRows))?.[index % pageRows];
    const place = `transform:translateY(${index * rowHeight}px)`;
    if (!row) return html`<div class="vrow" role="row" aria-rowindex=${index + 2} .style=${place}></div>`;
    return html`<div class="vrow" role="row" aria-rowindex=${index + 2} .style=${place}>
      ${columns.map((column, i) => html`<span role="cell" class=${column.right ? 'r' : ''}>${i === 0 ? html`<a href=${this.hrefOf(row.id)}>${column.cell(row, this.language)}</a>` : column.cell(row, this.language)}</span>`)}
      <span role="cell">${row.findings?.map((f) => this.titleOf(f)).join(this.language === 'zh' ? '；' : '; ')}</span></div>`;
  }

  private onFilter(event: Event): void {
    this.filter = (event.target as HTMLInputElement).value;
    this.restart();
  }

  private sortBy(column: Column): void {
    this.descending = column.key === this.order ? !this.descending : Boolean(column.right) && column.key !== 'id';
    this.order = column.key;
    this.restart();
  }

  private onScroll(event: Event): void {
    this.top = (event.target as HTMLElement).scrollTop;
  }

  private measure(height: number): void {
    this.height = height;
  }

  private restart(): void {
    this.pages.clear();
    this.top = 0;
    const body = this.querySelector('.vbody');
    if (body) body.scrollTop = 0;
    this.asked += 1;
    this.loadPage(0);
  }

  private load(): void {
    if (this.asked === 0) return;
    const first = Math.floor(this.top / rowHeight / pageRows);
    const last = Math.floor((this.top + this.height) / rowHeight / pageRows);
    for (let page = first; page <= last; page += 1) if (!this.pages.has(page)) this.loadPage(page);
  }

  private async loadPage(page: number): Promise<void> {
    const round = this.asked;
    this.pages.set(page, []);
    const answer = await this.engine.conversations({
      offset: page * pageRows,
      limit: pageRows,
      filter: this.filter,
      order: this.order,
      descending: this.descending,
    });
    if (round !== this.asked) return; // filter or order changed meanwhile
    this.pages.set(page, answer.rows ?? []);
    this.total = answer.total;
    this.requestUpdate();
  }
}
