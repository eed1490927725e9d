import { html, nothing, type TemplateResult } from 'lit';
import type { Ladder } from '../contract';
import { listRows } from '../ladder/text';
import { type Lang, say } from '../lang';
import { words } from '../words';

const openUpTo = 8; // packets; a longer list would push the ladder out of its place beside the text

/** The ladder's packets as a table: to read aloud, to copy, to print. */
export function packetList(ladder: Ladder, lang: Lang): TemplateResult {
  const rows = listRows(ladder, lang);
  const date = sharedDate(rows.map((row) => row.time));
  const head = [words.number, words.time, words.gap, words.from, words.to, words.what];
  return html`<details class="astable" ?open=${rows.length <= openUpTo}>
    <summary>${say(words.asList, lang)}${date ? html` <small>${date} UTC</small>` : nothing}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label=${say(words.asList, lang)}><table>
      <thead><tr>${head.map((h, i) => html`<th scope="col" class=${i === 1 || i === 2 ? 'r' : ''}>${say(h, lang)}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => line(row, date))}</tbody>
    </table></div>
  </details>`;
}

type Listed = ReturnType<typeof listRows>[number];

function line(row: Listed, date: string): TemplateResult {
  const time = row.time.replace(`${date} `, '');
  return html`<tr class=${row.evidence ? 'ev' : ''}><td>${row.number || ''}</td><td class="r">${time}</td><td class="r">${row.gap}</td><td>${row.from}</td><td>${row.to}</td><td class="w"><b>${row.flags}</b> ${row.detail}</td></tr>`;
}

/** The date that all times begin with, so that it need not stand in every row. */
function sharedDate(times: string[]): string {
  const date = /^\d{4}-\d\d-\d\d(?= )/.exec(times[0] ?? '')?.[0] ?? '';
  return times.every((time) => !time || time.includes(date)) ? date : '';
}
