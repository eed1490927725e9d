// Pages without a ladder: a capture in which nothing is wrong, and the band for
// a damaged file.

import { html, nothing, type TemplateResult } from 'lit';
import type { Capture, Report } from '../contract';
import { count, type Lang, say } from '../lang';
import { words } from '../words';
import { diamond, tick, tornPage } from './icons';
import { prose } from './prose';
import { strip } from './strip';

const fewestDots = 5; // fewer are no distribution

export interface HealthyProps {
  lang: Lang;
  report: Report;
  total: number;
  href(finding: number): string;
  conversationsHref: string;
}

export function healthy(p: HealthyProps): TemplateResult {
  const { lang, report } = p;
  const tcp = report.captures[0].tcpPackets > 0;
  const deck = tcp
    ? words.healthyDeck(count(p.total, lang), p.total === 1, report.scenarios)
    : words.noTcpDeck(count(report.captures[0].packets, lang));
  return html`<main class="plain" id="main">
    <h1>${say(tcp ? words.healthy : words.noTcp, lang)}</h1>
    <p class="deck">${say(deck, lang)}</p>
    ${checked(p)}${handshakeStrip(p)}${notes(p)}${worthKnowing(p)}
    ${p.total > 0 ? html`<p class="onward"><a href=${p.conversationsHref}>${say(p.total === 1 ? words.oneConversation : words.allConversations(count(p.total, lang)), lang)}</a></p>` : nothing}
  </main>`;
}

function checked(p: HealthyProps): unknown {
  if (!p.report.checked?.length) return nothing;
  return html`<h2>${say(words.checked, p.lang)}</h2><table class="checked"><tbody>${p.report.checked.map(
    (one) =>
      html`<tr><td>${tick}</td><th scope="row">${say(one.name, p.lang)}</th><td>${say(one.text, p.lang)}</td></tr>`,
  )}</tbody></table>`;
}

function notes(p: HealthyProps): unknown {
  const list = p.report.captures[0].notes ?? [];
  if (list.length === 0) return nothing;
  return html`<h2>${say(words.couldNot, p.lang)}</h2><ul class="cant">${list.map((note) => html`<li>${prose(say(note.text, p.lang))}</li>`)}</ul>`;
}

function worthKnowing(p: HealthyProps): unknown {
  if (p.report.findings.length === 0) return nothing;
  return html`<h2>${say(words.worthKnowing, p.lang)}</h2><ul class="cant">${p.report.findings.map(
    (finding, i) =>
      html`<li><a href=${p.href(i)}>${diamond(finding.severity)} ${say(finding.title, p.lang)}</a> <small>${say(finding.summary, p.lang)}</small></li>`,
  )}</ul>`;
}

function handshakeStrip(p: HealthyProps): unknown {
  const times = p.report.handshakes ?? [];
  if (times.length < fewestDots) return nothing;
  return html`<h2>${say(words.handshakes(count(times.length, p.lang)), p.lang)}</h2>${strip(times, p.lang)}`;
}

/** The band under the top line: where the file is damaged and what still holds. */
export function damageBand(capture: Capture, lang: Lang): unknown {
  if (!capture.damage) return nothing;
  const { offset, reason } = capture.damage;
  return html`<section class="note" aria-label=${say(words.damage, lang)}>${tornPage}<div class="grow"><b>${say(reason, lang)}</b>
    <span class="at">${say(words.damageAt(count(offset, lang)), lang)}.</span> ${say(words.damageRest, lang)}</div></section>`;
}
