import { html, nothing, type TemplateResult } from 'lit';
import type { Certainty, Finding, Reference, Report, Sentence } from '../contract';
import type { Filters } from '../filters';
import { type Lang, say } from '../lang';
import { causeWord, certaintyWords, severityWords, symptomWord, words } from '../words';
import { dash, diamond, disc } from './icons';
import { type Explained, prose, sentence } from './prose';

export interface ExplainProps {
  lang: Lang;
  report: Report;
  finding: Finding;
  /** Sentences that the ladder points at just now, 1-based. */
  hot: number[];
  /** Null until the ladder is there. */
  filters: Filters | null;
  href(finding: number): string;
  /** A sentence under the pointer or with the focus, 1-based; 0 when it leaves. */
  onSentence(index: number): void;
}

/** Severity, certainty, headline and summary; on the phone they stand above the ladder. */
export function lead(p: ExplainProps): TemplateResult {
  const { finding, lang } = p;
  return html`<p class="kick">
      <span>${diamond(finding.severity)}${say(severityWords[finding.severity], lang)}</span>
      ${certainty(finding.symptom, say(symptomWord(certaintyWords[finding.symptom]), lang))}
      ${certainty(finding.cause, say(causeWord(certaintyWords[finding.cause]), lang))}
    </p>
    <h1>${say(finding.title, lang)}</h1>
    <p class="deck">${prose(say(finding.summary, lang))}</p>`;
}

function certainty(level: Certainty, text: string): TemplateResult {
  return html`<span class="cert">${disc(level)}${text}</span>`;
}

/** The explanation, set like an article. Empty parts are left out with their headings. */
export function explanation(p: ExplainProps): TemplateResult {
  const { finding } = p;
  const explained: Explained = { lang: p.lang, seen: new Set() };
  return html`
    ${part(p, words.happened, finding.story, () => story(p, explained))}
    ${finding.meaning[p.lang] ? html`<h2>${say(words.means, p.lang)}${certainty(finding.cause, say(certaintyWords[finding.cause], p.lang))}</h2><p>${prose(say(finding.meaning, p.lang), explained)}</p>` : nothing}
    ${part(p, words.others, finding.causes, () => causes(p))}
    ${finding.ruledOut?.length ? ruledOut(p) : nothing}
    ${part(p, words.confirm, finding.checks, () => checks(p))}
    ${p.filters?.wireshark ? filters(p, p.filters) : nothing}
    ${part(p, words.fix, finding.fixes, () => fixes(p))}
    ${part(p, words.explains, finding.explains, () => consequences(p))}
    ${part(p, words.notes, p.report.captures[0]?.notes, () => limits(p))}
    ${part(p, words.reference, finding.references, () => references(p))}`;
}

function part(
  p: ExplainProps,
  head: { en: string; zh: string },
  list: unknown[] | null | undefined,
  body: () => unknown,
) {
  return list?.length ? html`<h2>${say(head, p.lang)}</h2>${body()}` : nothing;
}

function story(p: ExplainProps, explained: Explained): TemplateResult {
  return html`<ol class="story">${p.finding.story?.map((one, i) => step(p, one, i + 1, explained))}</ol>`;
}

function step(p: ExplainProps, one: Sentence, index: number, explained: Explained): TemplateResult {
  const enter = () => p.onSentence(index);
  const leave = () => p.onSentence(0);
  return html`<li class=${p.hot.includes(index) ? 'hot' : ''} data-sentence=${index} tabindex="0"
    @mouseenter=${enter} @mouseleave=${leave} @focusin=${enter} @focusout=${leave}>
    <span class="num" aria-hidden="true">${index}</span>
    <span>${sentence(say(one.text, p.lang), one.packets ?? [], explained)}</span></li>`;
}

function causes(p: ExplainProps): TemplateResult {
  return html`<dl class="others">${p.finding.causes?.map(
    (
      cause,
    ) => html`<div><dt><span>${prose(say(cause.text, p.lang))}</span>${certainty(cause.certainty, say(certaintyWords[cause.certainty], p.lang))}</dt>
      ${cause.decides[p.lang] ? html`<dd>${prose(say(cause.decides, p.lang))}</dd>` : nothing}</div>`,
  )}</dl>`;
}

function ruledOut(p: ExplainProps): TemplateResult {
  return html`<h3 class="ruled">${dash}${say(words.ruledOut, p.lang)}</h3>
    <dl class="others">${p.finding.ruledOut?.map(
      (one) =>
        html`<div><dt><span>${prose(say(one.text, p.lang))}</span></dt><dd>${prose(say(one.because, p.lang))}</dd></div>`,
    )}</dl>`;
}

function checks(p: ExplainProps): TemplateResult {
  return html`<div class="cmds">${p.finding.checks?.map((check) => command(prose(say(check.text, p.lang)), check.command, p.lang))}</div>`;
}

function command(text: unknown, line: string, lang: Lang): TemplateResult {
  return html`<div class="cmd"><p>${text}</p>
    ${line ? html`<pre><code>${line}</code><pcap-copy .text=${line} .language=${lang}></pcap-copy></pre>` : nothing}</div>`;
}

function filters(p: ExplainProps, lines: Filters): TemplateResult {
  return html`<h2>${say(words.filters, p.lang)}</h2><div class="cmds">
    ${command(say(words.inWireshark, p.lang), lines.wireshark, p.lang)}
    ${command(say(words.inTcpdump, p.lang), lines.tcpdump, p.lang)}</div>`;
}

function fixes(p: ExplainProps): TemplateResult {
  return html`<ul class="fix">${p.finding.fixes?.map((fix) => html`<li><span>${prose(say(fix, p.lang))}</span></li>`)}</ul>`;
}

function consequences(p: ExplainProps): TemplateResult {
  return html`<ul class="fix">${p.finding.explains?.map(
    (index) => html`<li><a href=${p.href(index)}>${say(p.report.findings[index]?.title, p.lang)}</a></li>`,
  )}</ul>`;
}

function limits(p: ExplainProps): TemplateResult {
  return html`${p.report.captures[0].notes?.map((note) => html`<p class="aside">${prose(say(note.text, p.lang))}</p>`)}`;
}

function references(p: ExplainProps): TemplateResult {
  return html`${p.finding.references?.map((one) => html`<p class="ref">${reference(one, p.lang)}</p>`)}`;
}

function reference(one: Reference, lang: Lang): TemplateResult {
  const comma = lang === 'zh' ? '，' : ', ';
  const title = one.url
    ? html`<a href=${one.url} target="_blank" rel="noreferrer noopener">${one.title}</a>`
    : html`<cite>${one.title}</cite>`;
  return html`${one.author ? `${one.author}${comma}` : ''}${title}${one.date ? `${comma}${one.date}` : ''}`;
}
