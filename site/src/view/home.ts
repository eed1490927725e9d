import { html, nothing, type TemplateResult } from 'lit';
import { type Lang, say } from '../lang';
import { words } from '../words';
import { lock } from './icons';
import { sampleSign, samples } from './samples';

export interface HomeProps {
  lang: Lang;
  /** The name of a file to open again, after a reload. */
  notice: string;
  onChoose(): void;
  onPaste(): void;
}

/** The first screen: what this is, where to drop, that nothing leaves, and samples. */
export function home(p: HomeProps): TemplateResult {
  return html`<main class="home" id="main">
    <h1 class="promise">${say(words.promise, p.lang)}</h1>
    ${p.notice ? again(p.notice, p.lang) : nothing}
    <div class="drop" @click=${p.onChoose}>
      ${dropPicture}
      <div class="in">
        <span class="big">${say(words.dropAnywhere, p.lang)}</span>
        <div class="btns">
          <button class="btn main" type="button" data-choose>${say(words.chooseFiles, p.lang)}</button>
          <button class="btn" type="button" @click=${stopThen(p.onPaste)}>${say(words.pasteText, p.lang)}</button>
        </div>
        <span class="kinds">${say(words.kinds, p.lang)}</span>
      </div>
    </div>
    <p class="privacy">${lock}<span>${say(words.local, p.lang)}</span></p>
    <section class="samples" aria-labelledby="samples-head">
      <h2><span id="samples-head">${say(words.samples, p.lang)}</span><a href=${p.lang === 'zh' ? 'zh/guide/' : 'guide/'}>${say(words.allScenarios, p.lang)}</a></h2>
      <ul class="cards">${samples.map((sample) => card(sample, p.lang))}</ul>
    </section>
    <footer class="foot"><span>${say(words.footer, p.lang)}</span></footer>
  </main>`;
}

function again(file: string, lang: Lang): TemplateResult {
  return html`<p class="again-note"><b>${say(words.gone, lang)}</b> ${say(words.goneWhat, lang)} <span class="nw">${file}</span></p>`;
}

function card(sample: (typeof samples)[number], lang: Lang): TemplateResult {
  return html`<li><a class="card" href=${`#sample=${sample.scenario}`}>
    ${sampleSign(sample)}
    <div><b>${say(sample.title, lang)}</b><span class="d">${say(sample.about, lang)}</span></div>
  </a></li>`;
}

// The drop field as a whole opens the file dialog; a button inside it does its own work.
function stopThen(action: () => void): (event: Event) => void {
  return (event) => {
    event.stopPropagation();
    action();
  };
}

const dropPicture = html`<svg viewBox="0 0 1054 246" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
  <path class="dp-lane" d="M120 0V246M934 0V246"/>
  <path class="dp-line" d="M120 52L240 58M934 92L814 98M120 132L240 138"/>
  <path class="dp-line dp-again" d="M934 184L814 190"/>
  <path class="dp-head" d="M250 58.5l-9.8 3.3.26-7.4zM804 98.5l9.8 3.3-.26-7.4zM250 138.5l-9.8 3.3.26-7.4zM804 190.5l9.8 3.3-.26-7.4z"/>
</svg>`;
