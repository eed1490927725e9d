import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Progress } from './contract';
import { Crashed, Stopped, Unreadable } from './engine';
import { firstLang, type Lang, locale, rememberLang, say, type Text } from './lang';
import { keepOffline } from './offline';
import { unpack } from './pack';
import { pageEngine } from './page-engine';
import { Place } from './place';
import type { Result } from './result';
import { siteRoot } from './root';
import { emptyRoute, hasCapture, parseRoute, type Route, sameCapture } from './route';
import { countsLine, findingIndex, resultView, type Session } from './session';
import { Taker } from './take';
import { toggleTheme } from './theme';
import './view/copy';
import { keySheet, pasteDialog } from './view/dialogs';
import { home } from './view/home';
import { ask, loading, trouble } from './view/states';
import { topBar } from './view/top';
import { words } from './words';

type Screen =
  | { kind: 'home'; notice: string }
  | { kind: 'loading'; route: Route; name: string; size: number; read: number; progress: Progress | null }
  | { kind: 'ask'; address: URL }
  | { kind: 'trouble'; head: Text; name: string; what: Text; report: string }
  | { kind: 'result' };

const settled = 2000; // ms after which the page's own loading no longer matters

// The parts of a result are not needed for the first screen.
const loadResult = () => import('./result');

/** The page: which screen, which capture, which language; everything else draws. */
@customElement('pcap-app')
export class App extends LitElement {
  /** Set inside an iframe: no tools, only the incident. */
  @property({ type: Boolean }) embedded = false;
  /** Set on the page that may fetch a capture from another address. */
  @property({ type: Boolean }) fetching = false;
  @state() private language: Lang = 'en';
  @state() private screen: Screen = { kind: 'home', notice: '' };
  @state() private session: Session | null = null;
  @state() private route: Route = emptyRoute;
  @state() private dialog: '' | 'keys' | 'paste' = '';
  /** How many files the last drop brought; only the first is read. */
  @state() private dropped = 1;
  @state() private newVersion: (() => void) | null = null;
  @query('#file') private chooser!: HTMLInputElement;
  @query('pcap-result') private result!: Result | null;

  private engine = pageEngine();
  private place = new Place(() => this.follow());
  private taker = new Taker(this, { file: (file, of) => this.openFile(file, of), text: (text) => this.openText(text) });

  override createRenderRoot() {
    this.replaceChildren(); // the shell that stood here before the script came
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', (event) => this.onKey(event));
    this.language = firstLang(parseRoute(location.hash).lang);
    this.place.read();
  }

  override firstUpdated(): void {
    // After the first paint, so that loading the core does not hold it up.
    requestAnimationFrame(() => setTimeout(() => this.prepare()));
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('dialog') && this.dialog) this.querySelector('dialog')?.showModal();
    document.documentElement.lang = locale(this.language);
    document.documentElement.dataset.lang = this.language;
    document.title = this.pageTitle();
  }

  /** Fetches what a capture will need, and then what staying offline needs. */
  private async prepare(): Promise<void> {
    this.engine.warm();
    await loadResult();
    if (this.embedded || this.fetching) return;
    setTimeout(() => {
      void keepOffline((change) => {
        this.newVersion = change;
      });
    }, settled);
  }

  /** Makes the page show what the address says. */
  private follow(): void {
    const { route } = this.place;
    this.route = route;
    if (route.lang) this.language = route.lang;
    if (!hasCapture(route)) this.show({ kind: 'home', notice: '' });
    else if (this.session && sameCapture(this.session.route, route)) this.show({ kind: 'result' });
    else if (this.screen.kind === 'loading' && sameCapture(this.screen.route, route)) return;
    else if (route.sample) void this.openSample(route.sample);
    else if (route.d) void this.openShared(route.d);
    else if (route.src) this.askFor(route.src);
    else this.show({ kind: 'home', notice: route.file });
  }

  private show(screen: Screen): void {
    if (screen.kind !== this.screen.kind) scrollTo(0, 0);
    if (screen.kind !== 'loading') this.engine.stop();
    this.screen = screen;
  }

  // ---- opening a capture -------------------------------------------------

  private choose = (): void => this.chooser.click();

  private openFile(file: File, of = 1): void {
    this.dropped = of;
    void this.open(file, file.name, { ...emptyRoute, file: file.name, lang: this.route.lang });
  }

  private openText(text: string): void {
    const name = say(words.pastedName, this.language);
    void this.open(new Blob([text]), name, { ...emptyRoute, file: name, lang: this.route.lang });
  }

  private async openSample(scenario: string): Promise<void> {
    const name = `${scenario}.pcapng`;
    const route = { ...this.route, sample: scenario };
    this.show({ kind: 'loading', route, name, size: 0, read: 0, progress: null });
    const address = new URL(`samples/${encodeURIComponent(scenario)}.pcapng`, siteRoot());
    const response = await fetch(address).catch(() => null);
    if (this.screen.kind !== 'loading' || this.screen.name !== name) return;
    // A host that answers everything with its front page has no sample either.
    if (!response?.ok || response.headers.get('content-type')?.startsWith('text/html')) {
      return this.show({ kind: 'trouble', head: words.missingSample, name, what: words.missingSampleWhat, report: '' });
    }
    await this.open(await response.blob(), name, route);
  }

  /** A capture that lies elsewhere is fetched only after asking, and only by the page made for it. */
  private askFor(src: string): void {
    if (!this.fetching) {
      location.replace(new URL(`fetch/${location.hash}`, siteRoot()));
      return;
    }
    const address = URL.canParse(src) ? new URL(src) : null;
    if (address && /^https?:$/.test(address.protocol)) this.show({ kind: 'ask', address });
    else this.show({ kind: 'trouble', head: words.notFetched, name: src, what: words.notFetchedWhat, report: '' });
  }

  private async openAddress(address: URL): Promise<void> {
    const name = address.pathname.split('/').pop() || address.host;
    const { route } = this;
    this.show({ kind: 'loading', route, name, size: 0, read: 0, progress: null });
    const response = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(() => null);
    if (response?.ok) await this.open(await response.blob(), name, route);
    else this.show({ kind: 'trouble', head: words.notFetched, name, what: words.notFetchedWhat, report: '' });
  }

  private async openShared(packed: string): Promise<void> {
    const name = say(words.shared, this.language);
    const { route } = this;
    this.show({ kind: 'loading', route, name, size: 0, read: 0, progress: null });
    try {
      await this.open(new Blob([await unpack(packed)]), name, route);
    } catch {
      this.show({ kind: 'trouble', head: words.brokenLink, name, what: words.brokenLinkWhat, report: '' });
    }
  }

  private async open(source: Blob, name: string, route: Route): Promise<void> {
    this.session = null; // the core holds one capture, and it is about to be another
    this.show({ kind: 'loading', route, name, size: source.size, read: 0, progress: null });
    try {
      await loadResult();
      const report = await this.engine.analyse(source, name, (progress, read) => {
        if (this.screen.kind === 'loading') this.screen = { ...this.screen, progress, read };
      });
      this.session = { route, source, report };
      this.place.go(route);
    } catch (problem) {
      this.showTrouble(problem, name);
    }
  }

  private showTrouble(problem: unknown, name: string): void {
    if (problem instanceof Stopped) return;
    this.session = null;
    if (problem instanceof Unreadable) {
      this.show({ kind: 'trouble', head: words.unreadable, name, what: problem.failure, report: '' });
    } else {
      const report = problem instanceof Crashed ? problem.report : String(problem);
      this.show({ kind: 'trouble', head: words.crashed, name, what: words.crashedWhat, report });
    }
  }

  private toHome = (): void => {
    this.engine.stop();
    if (this.fetching) location.href = siteRoot().href;
    else this.place.go({ ...emptyRoute, lang: this.route.lang });
  };

  // ---- keys, language ----------------------------------------------------

  private onKey(event: KeyboardEvent): void {
    const typing = (event.target as Element).closest?.('input, textarea, dialog');
    if (typing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      '?': this.showKeys,
      o: this.choose,
      l: () => this.setLang(this.language === 'en' ? 'zh' : 'en'),
      j: () => this.result?.step(1),
      k: () => this.result?.step(-1),
      escape: () => this.result?.closePacket(),
    };
    const act = actions[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private setLang(lang: Lang): void {
    this.language = lang;
    rememberLang(lang);
    if (this.route.lang) this.place.go({ lang }, true);
  }

  private showKeys = (): void => {
    this.dialog = 'keys';
  };

  private hideToast = (): void => {
    this.dropped = 1;
  };

  private dialogClosed = (): void => {
    this.dialog = '';
  };

  // ---- drawing -----------------------------------------------------------

  override render(): TemplateResult {
    const lang = this.language;
    const marks = `page${this.taker.dragging ? ' dragging' : ''}${this.embedded || this.route.view === 'reader' ? ' reader' : ''}${this.embedded ? ' embedded' : ''}`;
    return html`<div class=${marks}>
      ${this.embedded ? nothing : this.top()}${this.body()}${this.embedded ? this.embedFoot() : nothing}
      ${this.dropped > 1 ? html`<div class="toast" role="status">${say(words.firstOnly(this.dropped), lang)} <button class="again" type="button" @click=${this.hideToast}>${say(words.close, lang)}</button></div>` : nothing}
      ${this.newVersion ? html`<div class="toast" role="status">${say(words.newVersion, lang)} <button class="again" type="button" @click=${this.newVersion}>${say(words.reload, lang)}</button></div>` : nothing}
      <input id="file" type="file" hidden @change=${this.onChosen}>
      <div class="dropveil"><b>${say(words.dropHere, lang)}</b><span>${say(words.staysHere, lang)}</span></div>
      ${this.dialog === 'keys' ? keySheet(lang, this.dialogClosed) : nothing}
      ${this.dialog === 'paste' ? pasteDialog(lang, (text) => this.openText(text), this.dialogClosed) : nothing}
    </div>`;
  }

  private onChosen(): void {
    const file = this.chooser.files?.[0];
    if (file) this.openFile(file);
    this.chooser.value = ''; // so that the same file can be chosen again
  }

  private embedFoot(): TemplateResult {
    const whole = new URL(location.hash, siteRoot()).href;
    return html`<p class="embedfoot"><a href=${whole} target="_blank" rel="noopener">${say(words.openWhole, this.language)}</a></p>`;
  }

  private top(): TemplateResult {
    const open = this.screen.kind === 'result' ? this.session : null;
    const lang = this.language;
    return topBar({
      lang,
      file: open?.report.captures[0].name ?? '',
      counts: open ? countsLine(open.report, lang) : '',
      onHome: this.toHome,
      onAnother: this.choose,
      onLang: (chosen) => this.setLang(chosen),
      onTheme: toggleTheme,
    });
  }

  private body(): TemplateResult {
    const { screen, language: lang, choose: onChoose } = this;
    switch (screen.kind) {
      case 'home':
        return home({ lang, notice: screen.notice, onChoose, onPaste: () => this.setDialog('paste') });
      case 'loading':
        return loading({ ...screen, lang, onCancel: this.toHome });
      case 'ask':
        return ask({
          lang,
          address: screen.address,
          onYes: () => void this.openAddress(screen.address),
          onBack: this.toHome,
        });
      case 'trouble':
        return trouble({ ...screen, lang, onChoose, onBack: this.toHome });
      case 'result':
        return html`<pcap-result .session=${this.session} .route=${this.route} .place=${this.place} .engine=${this.engine}
          .language=${lang} .showKeys=${this.showKeys}
          .failed=${(problem: unknown) => this.showTrouble(problem, this.session?.report.captures[0].name ?? '')}></pcap-result>`;
    }
  }

  private setDialog(dialog: 'keys' | 'paste'): void {
    this.dialog = dialog;
  }

  private pageTitle(): string {
    const { screen, route, language: lang } = this;
    if (screen.kind === 'loading' || screen.kind === 'trouble') return `${screen.name} · pcaplain`;
    const report = this.session?.report;
    if (screen.kind === 'home' || !report) return say(words.title, lang);
    const told = resultView(report, route) === 'incident' && route.conversation === 0;
    const finding = told ? report.findings[findingIndex(report.findings, route.finding)] : null;
    return `${finding ? say(finding.title, lang) : report.captures[0].name} · pcaplain`;
  }
}
