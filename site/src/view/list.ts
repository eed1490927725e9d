import { html, type TemplateResult } from 'lit';
import type { Ladder } from '../contract';
import { listRows } from '../ladder/text';
import { type Lang, say } from '../lang';
import { words } from '../words';

/** The ladder's packets as a table: to read aloud, to copy, to print. */
export function packetList(ladder: Ladder, lang: Lang): TemplateResult {
  const head = [words.number, words.time, words.gap, words.from, words.to, words.what];
  return html`<div class="astable" tabindex="0" role="region" aria-label=${say(words.asList, lang)}><table>
    <caption>${say(words.asList, lang)}</caption>
    <thead><tr>${head.map((h, i) => html`<th scope="col" class=${i === 1 || i === 2 ? 'r' : ''}>${say(h, lang)}</th>`)}</tr></thead>
    <tbody>${listRows(ladder, lang).map(
      (row) =>
        html`<tr class=${row.evidence ? 'ev' : ''}><td>${row.number || ''}</td><td class="r">${row.time}</td><td class="r">${row.gap}</td><td>${row.from}</td><td>${row.to}</td><td class="w"><b>${row.flags}</b> ${row.detail}</td></tr>`,
    )}</tbody></table></div>`;
}
