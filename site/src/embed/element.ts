// <pcaplain-ladder src="…" finding="…" lang="…">: one incident in somebody
// else's page, from another origin too. One module, nothing else to load but the
// core, and nothing of the page's styles gets in.

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Finding } from '../contract';
import { Engine, Unreadable } from '../engine';
import '../ladder/element';
import type { Ladder } from '../ladder/types';
import { type Lang, say, type Text } from '../lang';
import { unpack } from '../pack';
import { parseRoute } from '../route';
import { findingIndex } from '../session';
import { words } from '../words';
import { launch } from './launch';

declare const PCAPLAIN_CORE: string;

let shared: Engine | null = null;
let queue: Promise<unknown> = Promise.resolve();

// The core holds one capture at a time, so the elements of a page take turns.
function inTurn<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  shared ??= new Engine(launch, new URL(PCAPLAIN_CORE, import.meta.url).href);
  const engine = shared;
  const done = queue.then(() => work(engine));
  queue = done.catch(() => {});
  return done;
}

interface Told {
  finding: Finding;
  ladder: Ladder;
}

@customElement('pcaplain-ladder')
export class PcaplainLadder extends LitElement {
  /** Address of a capture, of a pcaplain link, or just "#d=…". */
  @property() src = '';
  /** Scenario id of the finding to show; the headline without it. */
  @property() finding = '';
  @property() override lang = '';
  @state() private told: Told | null = null;
  @state() private trouble: Text | null = null;
  @state() private linkedSentence = 0;
  @state() private hot: number[] = [];
  private seen = false;

  override connectedCallback(): void {
    super.connectedCallback();
    // Nothing is loaded for a ladder that nobody scrolls to.
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watch.disconnect();
        this.seen = true;
        this.begin();
      },
      { rootMargin: '400px' },
    );
    watch.observe(this);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (this.seen && (changed.has('src') || changed.has('finding'))) this.begin();
  }

  private begin(): void {
    this.load().catch((problem) => {
      this.trouble = problem instanceof Unreadable ? problem.failure : words.unreadable;
    });
  }

  private async load(): Promise<void> {
    const { source, finding } = await this.fetched();
    this.told = await inTurn(async (engine) => {
      const report = await engine.analyse(source, 'capture', () => {});
      const index = findingIndex(report.findings, this.finding || finding);
      const ladder = await engine.ladder({ finding: index, occurrence: 0 });
      return ladder?.rows ? { finding: report.findings[index], ladder } : null;
    });
    if (!this.told) this.trouble = words.healthy;
  }

  private async fetched(): Promise<{ source: Blob; finding: string }> {
    const address = new URL(this.src, document.baseURI);
    const route = parseRoute(address.hash);
    if (route.d) return { source: new Blob([await unpack(route.d)]), finding: route.finding };
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${response.status} ${address.href}`);
    return { source: await response.blob(), finding: route.finding };
  }

  private get language(): Lang {
    const asked = this.lang || document.documentElement.lang || navigator.language;
    return asked.toLowerCase().startsWith('zh') ? 'zh' : 'en';
  }

  override render(): TemplateResult {
    const { language: lang, told } = this;
    if (this.trouble) return html`<p class="state">${say(this.trouble, lang)}</p>`;
    if (!told) return html`<p class="state">${say(words.loadingCore, lang)}</p>`;
    return html`<section lang=${lang === 'zh' ? 'zh-CN' : 'en'}>
      <p class="title">${say(told.finding.title, lang)}</p>
      <p class="deck">${say(told.finding.summary, lang)}</p>
      <pcap-ladder .ladder=${told.ladder} lang=${lang} .linkedSentence=${this.linkedSentence} .linked=${this.linkedPackets(told)}
        @ladder-hover=${this.onHover}></pcap-ladder>
      <ol>${told.finding.story?.map((one, i) => this.step(say(one.text, lang), i + 1))}</ol>
    </section>`;
  }

  private step(text: string, index: number): TemplateResult {
    const link = (to: number) => () => {
      this.linkedSentence = to;
    };
    return html`<li class=${this.hot.includes(index) ? 'hot' : nothing} @mouseenter=${link(index)} @mouseleave=${link(0)}><b aria-hidden="true">${index}</b><span>${text}</span></li>`;
  }

  private linkedPackets(told: Told): number[] {
    return told.finding.story?.[this.linkedSentence - 1]?.packets ?? [];
  }

  private onHover(event: CustomEvent<{ sentences: number[] }>): void {
    this.hot = event.detail.sentences;
  }

  static override styles = css`
    :host { display: block; max-width: 960px; min-height: 120px; color-scheme: inherit; color: var(--ink); background: var(--paper); padding: 16px 20px; border-radius: 8px;
      font: 400 15px/1.58 -apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Noto Sans", "Liberation Sans", Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
      font-variant-numeric: tabular-nums lining-nums;
      --paper: light-dark(#fbfaf7, #15171a); --wash: light-dark(#f3f1ec, #202328); --ink: light-dark(#1d1f23, #e8e5de); --ink-2: light-dark(#474b54, #bbbcc0); --ink-3: light-dark(#676c77, #9498a0);
      --rule: light-dark(#e3dfd7, #2c3036); --rule-2: light-dark(#c9c4ba, #43484f); --lane: light-dark(#8b877e, #6f757d);
      --evidence: light-dark(#1a5ca6, #86b6f0); --evidence-tint: light-dark(#e9f0f9, #1a2636); --evidence-ink: light-dark(#ffffff, #10151c);
      --reset: light-dark(#b02e16, #ff9078); --repeat: light-dark(#845200, #e0b052); --ignored: light-dark(#6b5590, #bda9e2); --data: light-dark(#0d6355, #63c9b3);
      --control: light-dark(#1d1f23, #e8e5de); --ack: light-dark(#676c77, #9498a0); --unseen: light-dark(#676c77, #9498a0); --gap: light-dark(#f0ede6, #1e2126); }
    p, ol { margin: 0; padding: 0; }
    .title { font: 600 21px/1.25 Charter, "Bitstream Charter", Cambria, "Noto Serif", "Songti SC", "Noto Serif CJK SC", serif; }
    .deck, .state { color: var(--ink-2); margin: 6px 0 20px; }
    ol { list-style: none; margin-top: 16px; }
    li { display: grid; grid-template-columns: 20px 1fr; gap: 12px; padding: 6px 0; border-radius: 6px; }
    li:hover, .hot { background: var(--evidence-tint); }
    b { display: grid; place-items: center; width: 19px; height: 19px; margin-top: 3px; border-radius: 50%; background: var(--evidence); color: var(--evidence-ink); font: 700 11px/1 inherit; }`;
}
