import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import './ladder/element';
import './view/conversations';
import './view/copy';
import type { Finding, Layer, PacketDetail, Progress, Report } from './contract';
import { Crashed, Engine, Stopped, Unreadable } from './engine';
import type { LadderElement, LadderEvents } from './ladder/element';
import type { Ladder, Row } from './ladder/types';
import { between, count, counted, duration, firstLang, type Lang, locale, rememberLang, say, type Text } from './lang';
import { emptyRoute, formatRoute, hasCapture, parseRoute, type Route, sameCapture } from './route';
import { toggleTheme } from './theme';
import { keySheet, pasteDialog } from './view/dialogs';
import { home } from './view/home';
import type { IncidentsProps } from './view/incidents';
import { damageBand, healthy } from './view/plain';
import { type ResultProps, result } from './view/result';
import { loading, trouble } from './view/states';
import { topBar } from './view/top';
import { words } from './words';

/** A capture that has been analysed, and the file it came from. */
interface Session {
  route: Route;
  source: Blob;
  report: Report;
  total: number;
  quiet: number;
}

type Screen =
  | { kind: 'home'; notice: string }
  | { kind: 'loading'; route: Route; name: string; size: number; read: number; progress: Progress | null }
  | { kind: 'trouble'; head: Text; name: string; what: Text; report: string }
  | { kind: 'result' };

interface OpenPacket {
  detail: PacketDetail;
  bytes: Uint8Array | null;
  layers: Layer[] | null;
  lit: { offset: number; length: number } | null;
}

const packetAlone: Partial<Route> = { packet: 0 };

/** The page: which screen, which capture, which finding; everything else draws. */
@customElement('pcap-app')
export class App extends LitElement {
  @state() private language: Lang = 'en';
  @state() private screen: Screen = { kind: 'home', notice: '' };
  @state() private session: Session | null = null;
  @state() private ladder: Ladder | null = null;
  @state() private packet: OpenPacket | null = null;
  @state() private occurrence = 0;
  @state() private linked: number[] = [];
  @state() private linkedSentence = 0;
  @state() private hotSentences: number[] = [];
  @state() private dragging = false;
  @state() private dialog: '' | 'keys' | 'paste' = '';
  private route: Route = emptyRoute;
  private drawn = ''; // what the ladder on the page shows
  private engine = new Engine();

  override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', () => this.follow());
    addEventListener('keydown', (event) => this.onKey(event));
    addEventListener('paste', (event) => this.onPaste(event));
    addEventListener('dragover', (event) => this.onDragOver(event));
    addEventListener('dragleave', (event) => this.onDragLeave(event));
    addEventListener('drop', (event) => this.onDrop(event));
    this.language = firstLang(parseRoute(location.hash).lang);
    this.follow();
  }

  override firstUpdated(): void {
    // After the first paint, so that loading the core does not hold it up.
    requestAnimationFrame(() => setTimeout(() => this.engine.warm()));
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('dialog') && this.dialog) this.querySelector('dialog')?.showModal();
    document.documentElement.lang = locale(this.language);
    document.documentElement.dataset.lang = this.language;
    document.title = this.pageTitle();
  }

  // ---- where the page is -------------------------------------------------

  private go(change: Partial<Route>, replace = false): void {
    const hash = formatRoute({ ...this.route, ...change });
    if (hash === location.hash || replace) {
      history.replaceState(null, '', hash || location.pathname + location.search);
      this.follow();
    } else if (hash) {
      location.hash = hash; // makes an entry in the history, and hashchange follows
    } else {
      history.pushState(null, '', location.pathname + location.search);
      this.follow();
    }
  }

  private href(change: Partial<Route>): string {
    return formatRoute({ ...this.route, ...change }) || '#';
  }

  /** Makes the page show what the address says. */
  private follow(): void {
    const route = parseRoute(location.hash);
    this.route = route;
    if (route.lang) this.language = route.lang;
    if (!hasCapture(route)) return this.show({ kind: 'home', notice: '' });
    if (this.session && sameCapture(this.session.route, route)) return this.showResult();
    if (this.screen.kind === 'loading' && sameCapture(this.screen.route, route)) return;
    if (route.sample) void this.openSample(route.sample);
    else this.show({ kind: 'home', notice: route.file });
  }

  private show(screen: Screen): void {
    if (screen.kind !== this.screen.kind) scrollTo(0, 0);
    if (screen.kind !== 'loading') this.engine.stop();
    this.screen = screen;
  }

  private showResult(): void {
    this.show({ kind: 'result' });
    void this.draw();
    void this.openPacket(this.route.packet);
  }

  // ---- opening a capture -------------------------------------------------

  private choose(): void {
    this.querySelector<HTMLInputElement>('#file')?.click();
  }

  private openFile(file: File): void {
    void this.open(file, file.name, { ...emptyRoute, file: file.name, lang: this.route.lang });
  }

  private openText(text: string): void {
    const name = say(words.pastedName, this.language);
    void this.open(new Blob([text]), name, { ...emptyRoute, file: name, lang: this.route.lang });
  }

  private async openSample(scenario: string): Promise<void> {
    const name = `${scenario}.pcapng`;
    const route = { ...emptyRoute, sample: scenario };
    this.show({ kind: 'loading', route, name, size: 0, read: 0, progress: null });
    const address = new URL(`samples/${encodeURIComponent(scenario)}.pcapng`, document.baseURI);
    const response = await fetch(address).catch(() => null);
    if (this.screen.kind !== 'loading' || this.screen.name !== name) return;
    if (!response?.ok || response.headers.get('content-type')?.startsWith('text/html')) {
      return this.show({ kind: 'trouble', head: words.missingSample, name, what: words.missingSampleWhat, report: '' });
    }
    await this.open(await response.blob(), name, { ...this.route, sample: scenario });
  }

  private async open(source: Blob, name: string, route: Route): Promise<void> {
    const screen: Screen = { kind: 'loading', route, name, size: source.size, read: 0, progress: null };
    this.show(screen);
    try {
      const report = await this.engine.analyse(source, name, (progress, read) => {
        if (this.screen.kind === 'loading') this.screen = { ...this.screen, progress, read };
      });
      await this.begin({ route, source, report, total: 0, quiet: 0 });
    } catch (problem) {
      this.showTrouble(problem, name);
    }
  }

  private async begin(session: Session): Promise<void> {
    const page = await this.engine.conversations({ offset: 0, limit: 0, filter: '', order: 'first', descending: false });
    const named = new Set(session.report.findings.flatMap((f) => f.conversations ?? []));
    this.session = { ...session, total: page.total, quiet: Math.max(0, page.total - named.size) };
    this.ladder = null;
    this.drawn = '';
    this.occurrence = 0;
    this.go(session.route);
  }

  private showTrouble(problem: unknown, name: string): void {
    if (problem instanceof Stopped) return;
    if (problem instanceof Unreadable) {
      this.show({ kind: 'trouble', head: words.unreadable, name, what: problem.failure, report: '' });
    } else {
      const report = problem instanceof Crashed ? problem.report : String(problem);
      this.session = null;
      this.show({ kind: 'trouble', head: words.crashed, name, what: words.crashedWhat, report });
    }
  }

  private cancel(): void {
    this.engine.stop();
    this.go(this.session ? this.session.route : emptyRoute);
  }

  // ---- what the result shows ---------------------------------------------

  private get findingIndex(): number {
    const findings = this.session?.report.findings ?? [];
    const [scenario, nth] = this.route.finding.split('.');
    const same = findings.flatMap((f, i) => (f.scenario === scenario ? [i] : []));
    return same[Math.max(0, Number(nth ?? 1) - 1)] ?? 0;
  }

  private findingName(index: number): string {
    const findings = this.session?.report.findings ?? [];
    const scenario = findings[index]?.scenario ?? '';
    const nth = findings.slice(0, index + 1).filter((f) => f.scenario === scenario).length;
    return nth > 1 ? `${scenario}.${nth}` : scenario;
  }

  private get isHealthy(): boolean {
    const findings = this.session?.report.findings ?? [];
    return !this.route.finding && !this.route.conversation && findings.every((f) => f.severity === 'info');
  }

  /** Asks the core for the ladder that the address means, unless it stands already. */
  private async draw(): Promise<void> {
    if (!this.session || this.isHealthy || this.route.view === 'conversations') return;
    const query = this.ladderQuery();
    const wanted = JSON.stringify(query);
    if (wanted === this.drawn) return;
    if (!wanted.includes('occurrence')) this.clearLinks();
    this.drawn = wanted;
    try {
      const ladder = await this.engine.ladder(query);
      if (this.drawn === wanted) this.ladder = ladder?.rows ? ladder : null;
    } catch (problem) {
      this.showTrouble(problem, this.session?.report.captures[0].name ?? '');
    }
  }

  private ladderQuery(): { finding: number } | { conversation: number } {
    if (this.route.conversation > 0) return { conversation: this.route.conversation - 1 };
    const finding = this.findingIndex;
    const other = this.session?.report.findings[finding]?.occurrences?.[this.occurrence];
    return this.occurrence > 0 && other ? { conversation: other.conversation } : { finding };
  }

  private pickOccurrence(index: number): void {
    this.occurrence = index;
    this.go({ packet: 0 }, true);
  }

  private pickFinding(index: number): void {
    this.go({ finding: this.findingName(index), packet: 0, conversation: 0, view: '' });
  }

  private clearLinks(): void {
    this.linked = [];
    this.linkedSentence = 0;
    this.hotSentences = [];
  }

  private onSentence(index: number): void {
    const story = this.session?.report.findings[this.findingIndex]?.story ?? [];
    this.linkedSentence = index;
    this.linked = index > 0 ? (story[index - 1]?.packets ?? []) : [];
  }

  // ---- one packet --------------------------------------------------------

  private async openPacket(number: number): Promise<void> {
    if (number === 0) {
      this.packet = null;
      return;
    }
    if (this.packet?.detail.number === number) return;
    try {
      const detail = await this.engine.packet(number);
      if (this.route.packet !== number) return;
      this.packet = detail?.title ? { detail, bytes: null, layers: null, lit: null } : null;
      await this.updateComplete;
      this.ladderElement?.reveal(number);
    } catch (problem) {
      this.showTrouble(problem, this.session?.report.captures[0].name ?? '');
    }
  }

  private async showBytes(): Promise<void> {
    const open = this.packet;
    if (!open || !this.session) return;
    const { number, offset, length } = open.detail;
    const bytes = new Uint8Array(await this.session.source.slice(offset, offset + length).arrayBuffer());
    const layers = await this.engine.frame(number, bytes);
    if (this.packet === open) this.packet = { ...open, bytes, layers };
  }

  private get packetNumbers(): number[] {
    return numbersOf(this.ladder?.rows ?? []);
  }

  private movePacket(by: 1 | -1): void {
    const numbers = this.packetNumbers;
    const next = numbers[numbers.indexOf(this.route.packet) + by];
    if (next) this.go({ packet: next }, true);
  }

  private selectPacket(packet: number): void {
    this.go({ packet }, this.route.packet > 0);
  }

  private closePacket(): void {
    if (this.route.packet > 0) this.go(packetAlone, true);
  }

  private get ladderElement(): LadderElement | null {
    return this.querySelector('pcap-ladder');
  }

  /** A "#12" in a text: show it in the ladder, or by itself when it is not there. */
  private onClick(event: Event): void {
    const chip = (event.target as Element).closest<HTMLElement>('[data-packet]');
    const packet = Number(chip?.dataset.packet ?? 0);
    if (packet === 0) return;
    if (!this.packetNumbers.includes(packet)) return this.selectPacket(packet);
    this.linked = [packet];
    this.linkedSentence = 0;
    this.ladderElement?.reveal(packet);
    if (this.route.packet > 0) this.selectPacket(packet);
  }

  // ---- the ladder speaks -------------------------------------------------

  private onLadderSentence(event: CustomEvent<LadderEvents['ladder-sentence']>): void {
    this.querySelector<HTMLElement>(`[data-sentence="${event.detail.sentence}"]`)?.focus();
  }

  private async onLadderRows(event: CustomEvent<LadderEvents['ladder-rows']>): Promise<void> {
    const { first, last, give } = event.detail;
    const conversation = this.ladder?.conversations?.[0] ?? 0;
    give(await this.engine.rows({ finding: this.ladder?.finding ?? -1, conversation, first, last }));
  }

  // ---- files, text, keys -------------------------------------------------

  private onDragOver(event: DragEvent): void {
    event.preventDefault();
    this.dragging = true;
  }

  private onDragLeave(event: DragEvent): void {
    if (!event.relatedTarget) this.dragging = false;
  }

  private onDrop(event: DragEvent): void {
    event.preventDefault();
    this.dragging = false;
    this.take(event.dataTransfer);
  }

  private onPaste(event: ClipboardEvent): void {
    if ((event.target as Element).closest?.('input, textarea')) return;
    this.take(event.clipboardData);
  }

  private take(data: DataTransfer | null): void {
    const file = data?.files[0];
    const text = data?.getData('text/plain') ?? '';
    if (file) this.openFile(file);
    else if (text.trim()) this.openText(text);
  }

  private onKey(event: KeyboardEvent): void {
    const typing = (event.target as Element).closest?.('input, textarea, dialog');
    if (typing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.keyActions()[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private keyActions(): Record<string, () => void> {
    return {
      '?': () => this.openDialog('keys'),
      o: () => this.choose(),
      l: () => this.setLang(this.language === 'en' ? 'zh' : 'en'),
      j: () => this.stepFinding(1),
      k: () => this.stepFinding(-1),
      escape: () => this.closePacket(),
    };
  }

  private stepFinding(by: 1 | -1): void {
    const index = this.findingIndex + by;
    if (this.screen.kind === 'result' && this.session?.report.findings[index]) this.pickFinding(index);
  }

  private openDialog(which: 'keys' | 'paste'): void {
    this.dialog = which;
  }

  private setLang(lang: Lang): void {
    this.language = lang;
    rememberLang(lang);
    if (this.route.lang) this.go({ lang }, true);
  }

  // ---- drawing -----------------------------------------------------------

  override render(): TemplateResult {
    const lang = this.language;
    return html`<div class=${`page${this.dragging ? ' dragging' : ''}${this.route.view === 'reader' ? ' reader' : ''}`} @click=${this.onClick}>
      ${this.top()}${this.body()}
      <input id="file" type="file" hidden tabindex="-1" aria-hidden="true" @change=${this.onChosen}>
      <div class="dropveil" aria-hidden=${this.dragging ? 'false' : 'true'}><b>${say(words.dropHere, lang)}</b><span>${say(words.staysHere, lang)}</span></div>
      ${this.dialog === 'keys' ? keySheet(lang, this.dialogClosed) : nothing}
      ${this.dialog === 'paste' ? pasteDialog(lang, (text) => this.openText(text), this.dialogClosed) : nothing}
    </div>`;
  }

  private dialogClosed = (): void => {
    this.dialog = '';
  };

  private onChosen(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file) this.openFile(file);
    input.value = '';
  }

  private top(): TemplateResult {
    const open = this.screen.kind === 'result' ? this.session : null;
    return topBar({
      lang: this.language,
      file: open?.report.captures[0].name ?? '',
      counts: open ? this.counts(open) : '',
      onHome: (event) => this.toHome(event),
      onAnother: (event) => {
        event.preventDefault();
        this.choose();
      },
      onLang: (lang) => this.setLang(lang),
      onTheme: toggleTheme,
    });
  }

  private toHome(event: Event): void {
    event.preventDefault();
    this.go(emptyRoute);
  }

  private counts(session: Session): string {
    const capture = session.report.captures[0];
    const lang = this.language;
    const parts = [
      counted(capture.packets, 'packet', 'packets', '个包', lang),
      counted(session.total, 'connection', 'connections', '条连接', lang),
    ];
    if (capture.first && capture.last) parts.push(duration(between(capture.first, capture.last), lang));
    return parts.join(lang === 'zh' ? '，' : ', ');
  }

  private body(): TemplateResult {
    const { screen, language: lang } = this;
    const onChoose = () => this.choose();
    switch (screen.kind) {
      case 'home':
        return home({ lang, notice: this.notice(screen.notice), onChoose, onPaste: () => this.openDialog('paste') });
      case 'loading':
        return loading({ ...screen, lang, onCancel: () => this.cancel() });
      case 'trouble':
        return trouble({ ...screen, lang, onChoose, onBack: () => this.go(emptyRoute) });
      case 'result':
        return this.resultBody();
    }
  }

  private notice(file: string): unknown {
    if (!file) return nothing;
    return html`<p class="again-note"><b>${say(words.gone, this.language)}</b> ${say(words.goneWhat, this.language)} <span class="nw">${file}</span></p>`;
  }

  private resultBody(): TemplateResult {
    const session = this.session!;
    const band = damageBand(session.report.captures[0], this.language);
    if (this.route.view === 'conversations') return html`${band}${this.conversations(session)}`;
    if (this.isHealthy) return html`${band}${this.healthyBody(session)}`;
    return html`${band}${result(this.resultProps(session))}`;
  }

  private healthyBody(session: Session): TemplateResult {
    return healthy({
      lang: this.language,
      report: session.report,
      total: session.total,
      href: (index) => this.href({ finding: this.findingName(index) }),
      conversationsHref: this.href({ view: 'conversations' }),
    });
  }

  private conversations(session: Session): TemplateResult {
    const title = words.allConversations(count(session.total, this.language));
    return html`<main class="plain wide" id="main">
      <p class="eyebrow"><a href=${this.href({ view: '', packet: 0 })}>${say(words.back, this.language)}</a></p>
      <h1>${say(session.total === 1 ? words.oneConversation : title, this.language)}</h1>
      <pcap-conversations .engine=${this.engine} .language=${this.language}
        .hrefOf=${(id: number) => this.href({ conversation: id + 1, finding: '', packet: 0, view: '' })}
        .titleOf=${(index: number) => say(session.report.findings[index]?.title, this.language)}></pcap-conversations>
    </main>`;
  }

  private resultProps(session: Session): ResultProps {
    const lang = this.language;
    const index = this.findingIndex;
    const alone = this.route.conversation > 0;
    const href = (finding: number) => this.href({ finding: this.findingName(finding), packet: 0, conversation: 0 });
    const finding: Finding | null = alone ? null : (session.report.findings[index] ?? null);
    return {
      lang,
      incidents: this.incidentsProps(session, alone ? -1 : index, href),
      explain: finding && {
        lang,
        report: session.report,
        finding,
        hot: this.hotSentences,
        href,
        onSentence: (n) => this.onSentence(n),
      },
      ladder: this.ladder,
      otherOccurrence: this.occurrence > 0,
      linked: this.linked,
      linkedSentence: this.linkedSentence,
      selected: this.route.packet,
      packet: this.packetProps(),
      backHref: this.href({ conversation: 0, view: 'conversations', packet: 0 }),
      on: {
        hover: (event) => {
          this.hotSentences = event.detail.sentences;
        },
        select: (event) => this.selectPacket(event.detail.packet),
        close: () => this.closePacket(),
        sentence: (event) => this.onLadderSentence(event),
        rows: (event) => void this.onLadderRows(event),
        keys: () => this.openDialog('keys'),
      },
    };
  }

  private incidentsProps(session: Session, finding: number, href: (finding: number) => string): IncidentsProps {
    return {
      lang: this.language,
      report: session.report,
      finding,
      occurrence: this.occurrence,
      total: session.total,
      quiet: session.quiet,
      href,
      conversationsHref: this.href({ view: 'conversations', packet: 0 }),
      onOccurrence: (index) => this.pickOccurrence(index),
    };
  }

  private packetProps(): ResultProps['packet'] {
    const open = this.packet;
    if (!open || this.route.packet === 0) return null;
    const numbers = this.packetNumbers;
    return {
      lang: this.language,
      ...open,
      place: numbers.indexOf(open.detail.number) + 1,
      of: numbers.length,
      canShowBytes: open.detail.length > 0 && this.session?.report.captures[0].format !== 'text',
      onMove: (by) => this.movePacket(by),
      onClose: () => this.closePacket(),
      onBytes: () => void this.showBytes(),
      onLight: (lit) => {
        this.packet = this.packet && { ...this.packet, lit };
      },
    };
  }

  private pageTitle(): string {
    const { screen, language: lang } = this;
    if (screen.kind === 'loading' || screen.kind === 'trouble') return `${screen.name} · pcaplain`;
    const report = this.session?.report;
    if (screen.kind === 'home' || !report) return say(words.title, lang);
    const finding = this.isHealthy ? null : report.findings[this.findingIndex];
    return `${finding ? say(finding.title, lang) : report.captures[0].name} · pcaplain`;
  }
}

/** The numbers of the packets in rows and in their folds, in the order shown. */
function numbersOf(rows: Row[]): number[] {
  return rows.flatMap((row) => (row.kind === 'fold' ? numbersOf(row.rows ?? []) : row.kind === 'packet' ? [row.number] : []));
}
