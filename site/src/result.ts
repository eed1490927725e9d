import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Finding, Layer, PacketDetail } from './contract';
import type { Engine } from './engine';
import { filtersOf } from './filters';
import { plain } from './input';
import './ladder/element';
import type { LadderElement, LadderEvents } from './ladder/element';
import type { TimeMode } from './ladder/time';
import type { Ladder } from './ladder/types';
import { count, type Lang, say } from './lang';
import type { Place } from './place';
import type { Route } from './route';
import {
  findingIndex,
  findingName,
  ladderQuery,
  packetNumbers,
  quietConversations,
  resultView,
  type Session,
  totalConversations,
} from './session';
import { cutOut } from './share';
import './view/conversations';
import type { ExplainProps } from './view/explain';
import { type IncidentProps, incident } from './view/incident';
import type { IncidentsProps } from './view/incidents';
import { damageBand, healthy } from './view/plain';
import { words } from './words';

interface OpenPacket {
  detail: PacketDetail;
  bytes: Uint8Array | null;
  layers: Layer[] | null;
  lit: { offset: number; length: number } | null;
}

const layoutFrames = 60; // frames to wait for the ladder's layout

/** What an open capture shows: an incident, the connections, or that all is well. */
@customElement('pcap-result')
export class Result extends LitElement {
  @property({ attribute: false }) session!: Session;
  @property({ attribute: false }) route!: Route;
  @property({ attribute: false }) place!: Place;
  @property({ attribute: false }) engine!: Engine;
  @property({ attribute: false }) language: Lang = 'en';
  /** Told when the core fails to answer. */
  @property({ attribute: false }) failed!: (problem: unknown) => void;
  @property({ attribute: false }) showKeys!: () => void;

  @state() private ladder: Ladder | null = null;
  @state() private packet: OpenPacket | null = null;
  @state() private occurrence = 0;
  /** The finding as the chosen occurrence tells it; null for the first one. */
  @state() private told: Finding | null = null;
  @state() private linked: number[] = [];
  @state() private linkedSentence = 0;
  @state() private hotSentences: number[] = [];
  @state() private short = false;
  @state() private times: TimeMode = 'absolute';
  private drawn = ''; // the query whose ladder stands on the page

  override createRenderRoot() {
    return this;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('session')) this.forget();
    if (changed.has('route') && changed.get('route')?.finding !== this.route.finding) this.occurrence = 0;
    if (changed.has('route') || changed.has('session')) {
      this.attempt(this.draw());
      this.attempt(this.openPacket(this.route.packet));
    }
  }

  protected override updated(): void {
    // Shorter than the window, the ladder stays in sight while the explanation scrolls.
    const middle = this.querySelector<HTMLElement>('.mid');
    this.short = middle !== null && middle.offsetHeight + 48 < innerHeight;
  }

  private forget(): void {
    this.ladder = null;
    this.packet = null;
    this.drawn = '';
    this.told = null;
    this.occurrence = 0;
  }

  private attempt(work: Promise<void>): void {
    work.catch((problem) => this.failed(problem));
  }

  private get findings() {
    return this.session.report.findings;
  }

  private get index(): number {
    return findingIndex(this.findings, this.route.finding);
  }

  private get finding(): Finding | null {
    return this.told ?? this.findings[this.index] ?? null;
  }

  // ---- the ladder --------------------------------------------------------

  private async draw(): Promise<void> {
    if (resultView(this.session.report, this.route) !== 'incident') return;
    const query = ladderQuery(this.session.report, this.route, this.occurrence);
    const wanted = JSON.stringify(query);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    this.unlink();
    const told = this.occurrence > 0 && 'finding' in query ? await this.engine.occurrence(query) : null;
    const ladder = await this.engine.ladder(query);
    if (this.drawn !== wanted) return;
    this.told = told?.title ? told : null;
    this.ladder = ladder?.rows ? ladder : null;
    await this.revealPacket();
  }

  private unlink(): void {
    this.linked = [];
    this.linkedSentence = 0;
    this.hotSentences = [];
  }

  private linkSentence(index: number): void {
    this.linkedSentence = index;
    this.linked = this.finding?.story?.[index - 1]?.packets ?? [];
  }

  /** The rows of a fold that were left out; packets that were not kept are read again. */
  private async giveRows(event: CustomEvent<LadderEvents['ladder-rows']>): Promise<void> {
    const { first, last, give } = event.detail;
    const { ladder } = this;
    const conversations = ladder?.conversations ?? [];
    const rows = await this.engine.rows({
      finding: ladder?.finding ?? -1,
      conversation: conversations[0] ?? 0,
      first,
      last,
    });
    if (rows?.length) {
      give(rows);
      return;
    }
    for (const conversation of conversations) await this.engine.again(this.session.source, conversation);
    if (this.ladder !== ladder) return; // gone elsewhere meanwhile
    this.drawn = '';
    await this.draw();
  }

  private pickOccurrence(index: number): void {
    this.occurrence = index;
    this.attempt(this.draw());
  }

  // ---- one packet --------------------------------------------------------

  private async openPacket(number: number): Promise<void> {
    if (number === 0) {
      this.packet = null;
      return;
    }
    if (this.packet?.detail.number === number) return;
    const detail = await this.engine.packet(number);
    if (this.route.packet !== number) return;
    this.packet = detail?.title ? { detail, bytes: null, layers: null, lit: null } : null;
    await this.revealPacket();
  }

  /** Scrolls the open packet's row into sight, once ladder and sheet both stand. */
  private async revealPacket(): Promise<void> {
    await this.updateComplete;
    const ladder = this.querySelector<LadderElement>('pcap-ladder');
    if (!ladder || !this.packet) return;
    // The ladder lays itself out once it knows its width, a frame or two later.
    for (let frames = 0; frames < layoutFrames && ladder.offsetHeight === 0; frames += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    await ladder.reveal(this.route.packet);
  }

  private async showBytes(): Promise<void> {
    const open = this.packet;
    if (!open) return;
    const { number, offset, length } = open.detail;
    const source = await plain(this.session.source);
    const bytes = new Uint8Array(await source.slice(offset, offset + length).arrayBuffer());
    const layers = await this.engine.frame(number, bytes);
    if (this.packet === open) this.packet = { ...open, bytes, layers };
  }

  private movePacket(by: 1 | -1): void {
    const numbers = packetNumbers(this.ladder);
    const next = numbers[numbers.indexOf(this.route.packet) + by];
    if (next) this.place.go({ packet: next }, true);
  }

  private selectPacket(packet: number): void {
    this.place.go({ packet }, this.route.packet > 0);
  }

  /** Closes the open packet; says whether there was one. */
  closePacket(): boolean {
    if (this.route.packet === 0) return false;
    this.place.go({ packet: 0 }, true);
    return true;
  }

  /** Goes to another incident in the order of the column. */
  step(by: 1 | -1): void {
    const index = this.index + by;
    if (!this.findings[index]) return;
    this.place.go({ finding: findingName(this.findings, index), packet: 0, conversation: 0, view: '' });
  }

  /** A "#12" in a text: shown in the ladder, or by itself when it is not there. */
  private onClick(event: Event): void {
    const chip = (event.target as Element).closest<HTMLElement>('[data-packet]');
    const packet = Number(chip?.dataset.packet ?? 0);
    if (packet === 0) return;
    if (this.route.packet > 0 || !packetNumbers(this.ladder).includes(packet)) {
      this.selectPacket(packet);
      return;
    }
    this.linked = [packet];
    this.linkedSentence = 0;
    this.querySelector<LadderElement>('pcap-ladder')?.reveal(packet);
  }

  // ---- drawing -----------------------------------------------------------

  override render(): TemplateResult {
    const { session, language } = this;
    const band = damageBand(session.report.captures[0], language);
    return html`<div @click=${this.onClick}>${band}${this.body()}</div>`;
  }

  private body(): TemplateResult {
    switch (resultView(this.session.report, this.route)) {
      case 'conversations':
        return this.conversations();
      case 'healthy':
        return this.healthy();
      case 'incident':
        return incident(this.incidentProps());
    }
  }

  private healthy(): TemplateResult {
    return healthy({
      lang: this.language,
      report: this.session.report,
      total: totalConversations(this.session.report),
      href: (index) => this.place.href({ finding: findingName(this.findings, index) }),
      conversationsHref: this.place.href({ view: 'conversations' }),
    });
  }

  private conversations(): TemplateResult {
    const total = totalConversations(this.session.report);
    const { language, findings, place } = this;
    const title = total === 1 ? words.oneConversation : words.allConversations(count(total, language));
    return html`<main class="plain wide" id="main">
      <p class="eyebrow"><a href=${place.href({ view: '', packet: 0 })}>${say(words.back, language)}</a></p>
      <h1>${say(title, language)}</h1>
      <pcap-conversations .engine=${this.engine} .language=${language}
        .hrefOf=${(id: number) => place.href({ conversation: id + 1, finding: '', packet: 0, view: '' })}
        .titleOf=${(index: number) => say(findings[index]?.title, language)}></pcap-conversations>
    </main>`;
  }

  private incidentProps(): IncidentProps {
    const alone = this.route.conversation > 0;
    return {
      lang: this.language,
      incidents: this.incidentsProps(),
      explain: alone ? null : this.explainProps(),
      ladder: this.ladder,
      short: this.short,
      linked: this.linked,
      linkedSentence: this.linkedSentence,
      selected: this.route.packet,
      times: this.times,
      onTimes: (times) => {
        this.times = times;
      },
      packet: this.packetProps(),
      listing: this.session.report.captures[0].format === 'text',
      cutOut: (options) =>
        cutOut(this.engine, this.session.source, { finding: this.index, occurrence: this.occurrence }, options),
      backHref: this.place.href({ conversation: 0, view: 'conversations', packet: 0 }),
      on: {
        hover: (event) => {
          this.hotSentences = event.detail.sentences;
        },
        select: (event) => this.selectPacket(event.detail.packet),
        close: () => this.closePacket(),
        sentence: (event) => this.querySelector<HTMLElement>(`[data-sentence="${event.detail.sentence}"]`)?.focus(),
        rows: (event) => this.attempt(this.giveRows(event)),
        keys: () => this.showKeys(),
      },
    };
  }

  private hrefOf = (finding: number): string =>
    this.place.href({ finding: findingName(this.findings, finding), packet: 0, conversation: 0 });

  private incidentsProps(): IncidentsProps {
    const { session } = this;
    return {
      lang: this.language,
      report: session.report,
      finding: this.index,
      occurrence: this.occurrence,
      total: totalConversations(session.report),
      quiet: quietConversations(session.report),
      href: this.hrefOf,
      conversationsHref: this.place.href({ view: 'conversations', packet: 0 }),
      onOccurrence: (index) => this.pickOccurrence(index),
    };
  }

  private explainProps(): ExplainProps | null {
    const { finding } = this;
    if (!finding) return null;
    return {
      lang: this.language,
      report: this.session.report,
      finding,
      hot: this.hotSentences,
      filters: this.ladder && filtersOf(this.ladder),
      href: this.hrefOf,
      onSentence: (index) => this.linkSentence(index),
    };
  }

  private packetProps(): IncidentProps['packet'] {
    const open = this.packet;
    if (!open || this.route.packet === 0) return null;
    const numbers = packetNumbers(this.ladder);
    return {
      lang: this.language,
      ...open,
      place: numbers.indexOf(open.detail.number) + 1,
      of: numbers.length,
      canShowBytes: open.detail.length > 0 && this.session.report.captures[0].format !== 'text',
      onMove: (by) => this.movePacket(by),
      onClose: () => this.closePacket(),
      onBytes: () => this.attempt(this.showBytes()),
      onLight: (lit) => {
        this.packet = this.packet && { ...this.packet, lit };
      },
    };
  }
}
