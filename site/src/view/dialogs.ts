import { html, type TemplateResult } from 'lit';
import { keys as ladderKeys } from '../ladder/keys';
import { type Lang, say } from '../lang';
import { pageKeys, words } from '../words';

/** The sheet of keys, for the page and for the ladder. */
export function keySheet(lang: Lang, onClose: () => void): TemplateResult {
  const all = [...ladderKeys(lang), ...pageKeys.map((one) => ({ key: one.key, does: say(one.does, lang) }))];
  return html`<dialog class="dialog" aria-labelledby="keys-head" @close=${onClose}>
    <h2 id="keys-head">${say(words.keySheet, lang)}</h2>
    <dl class="keys">${all.map((one) => html`<div><dt>${one.key}</dt><dd>${one.does}</dd></div>`)}</dl>
    <div class="btns"><button class="btn" type="button" @click=${shut}>${say(words.close, lang)}</button></div>
  </dialog>`;
}

function shut(event: Event): void {
  (event.target as HTMLElement).closest('dialog')?.close();
}

/** A place to paste a listing into, for those who look for one. */
export function pasteDialog(lang: Lang, onText: (text: string) => void, onClose: () => void): TemplateResult {
  const read = (event: Event) => {
    const text = (event.target as HTMLElement).closest('dialog')?.querySelector('textarea')?.value ?? '';
    shut(event);
    if (text.trim()) onText(text);
  };
  return html`<dialog class="dialog" aria-labelledby="paste-head" @close=${onClose}>
    <h2 id="paste-head">${say(words.pasteTitle, lang)}</h2>
    <p>${say(words.pasteHint, lang)}</p>
    <textarea rows="12" spellcheck="false" autocomplete="off" aria-label=${say(words.pasteLabel, lang)}></textarea>
    <div class="btns"><button class="btn main" type="button" @click=${read}>${say(words.read, lang)}</button><button class="btn" type="button" @click=${shut}>${say(words.cancel, lang)}</button></div>
  </dialog>`;
}
