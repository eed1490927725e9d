import { html, nothing, type TemplateResult } from 'lit';
import { type Lang, say } from '../lang';
import { words } from '../words';
import { halfMoon, lock, logo } from './icons';

export interface TopProps {
  lang: Lang;
  /** Set while a capture is open. */
  file: string;
  counts: string;
  onHome(): void;
  onAnother(): void;
  onLang(lang: Lang): void;
  onTheme(): void;
}

export function topBar(p: TopProps): TemplateResult {
  return html`<header class="top">
    <a class="mark" href="./" aria-label=${say(words.home, p.lang)} @click=${insteadOfLink(p.onHome)}>${logo}<span>pcaplain</span></a>
    ${p.file ? html`<span class="meta"><span class="file">${p.file}</span>${p.counts ? html`<span class="dot" aria-hidden="true">·</span>${p.counts}` : nothing}</span>` : nothing}
    <span class="grow"></span>
    ${p.file ? html`<span class="local">${lock}${say(words.nothingLeft, p.lang)}</span><button class="again" type="button" @click=${p.onAnother}>${say(words.openAnother, p.lang)}</button>` : nothing}
    <div class="seg" role="group" aria-label=${say(words.language, p.lang)}>
      <button type="button" aria-pressed=${p.lang === 'en'} lang="en" @click=${() => p.onLang('en')}>EN</button>
      <button type="button" aria-pressed=${p.lang === 'zh'} lang="zh-CN" @click=${() => p.onLang('zh')}>中文</button>
    </div>
    <button class="icon" type="button" aria-label=${say(words.theme, p.lang)} title=${say(words.theme, p.lang)} @click=${p.onTheme}>${halfMoon}</button>
  </header>`;
}

function insteadOfLink(action: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    action();
  };
}
