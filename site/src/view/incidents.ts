import { html, nothing, type TemplateResult } from 'lit';
import type { Finding, Report } from '../contract';
import { clock, count, type Lang, say } from '../lang';
import { words } from '../words';
import { diamond } from './icons';

export interface IncidentsProps {
  lang: Lang;
  report: Report;
  finding: number;
  occurrence: number;
  /** Connections in the capture, and the ones that no finding names. */
  total: number;
  quiet: number;
  href(finding: number): string;
  conversationsHref: string;
  onOccurrence(occurrence: number): void;
}

export interface Placed {
  index: number;
  /** Whether it stands under the finding that explains it. */
  child: boolean;
}

/** The order on the page: as the core ranks them, consequences under their root. */
export function placed(findings: Finding[]): Placed[] {
  const children = new Set(findings.flatMap((f) => f.explains ?? []));
  const out: Placed[] = [];
  const put = (index: number, child: boolean) => {
    if (index >= findings.length || out.some((p) => p.index === index)) return;
    out.push({ index, child });
    for (const next of findings[index].explains ?? []) put(next, true);
  };
  for (const index of findings.keys()) if (!children.has(index)) put(index, false);
  for (const index of findings.keys()) put(index, false); // findings that explain each other
  return out;
}

/** What tells this incident apart at a glance: the far end of its first conversation. */
export function place(report: Report, finding: Finding): string {
  const id = finding.conversations?.[0];
  return report.conversations?.find((c) => c.id === id)?.server ?? '';
}

const occurrencesShown = 3;

export function incidents(p: IncidentsProps): TemplateResult {
  const findings = p.report.findings;
  return html`<nav class="incidents" aria-label=${say(words.incidents, p.lang)}>
    <p class="eyebrow">${say(words.ofTrouble(findings.length), p.lang)}</p>
    <ol>${placed(findings).map((at) => incident(p, at))}</ol>
    <div class="rest">
      ${p.quiet > 0 ? html`<span>${say(words.quiet(p.quiet, count(p.quiet, p.lang)), p.lang)}</span>` : nothing}
      ${conversationsLink(p)}
    </div>
  </nav>`;
}

function incident(p: IncidentsProps, at: Placed): TemplateResult {
  const finding = p.report.findings[at.index];
  const on = at.index === p.finding;
  return html`<li class=${`inc${on ? ' on' : ''}${at.child ? ' kid' : ''}`}>
    <a href=${p.href(at.index)} aria-current=${on ? 'true' : nothing}>
      ${diamond(finding.severity)}
      <span class="t">${say(finding.title, p.lang)}</span>
      <span class="c">${finding.count > 1 ? say(words.repeated(finding.count), p.lang) : nothing}</span>
      <span class="s">${at.child ? say(words.follows, p.lang) : place(p.report, finding)}</span>
    </a>
    ${on && finding.count > 1 ? occurrences(p, finding) : nothing}
  </li>`;
}

function occurrences(p: IncidentsProps, finding: Finding): TemplateResult {
  const all = finding.occurrences ?? [];
  const from = Math.max(0, Math.min(p.occurrence - 1, all.length - occurrencesShown));
  const rest = finding.count - Math.min(all.length, occurrencesShown);
  return html`<ul>
    ${all.slice(from, from + occurrencesShown).map((one, i) => {
      const index = from + i;
      return html`<li class=${index === p.occurrence ? 'on' : ''}><button type="button" aria-pressed=${index === p.occurrence} @click=${() => p.onOccurrence(index)}><span>${clock(one.time)}</span><span>${one.label}</span></button></li>`;
    })}
    ${rest > 0 ? html`<li class="more"><button type="button" @click=${() => p.onOccurrence((p.occurrence + 1) % all.length)}>${say(words.more(rest), p.lang)}</button></li>` : nothing}
  </ul>`;
}

function conversationsLink(p: IncidentsProps): TemplateResult {
  const text = p.total === 1 ? words.oneConversation : words.allConversations(count(p.total, p.lang));
  return html`<a href=${p.conversationsHref}>${say(text, p.lang)}</a>`;
}

/** The phone's single line in place of the column: which one, of how many. */
export function phoneBar(p: IncidentsProps): TemplateResult {
  const order = placed(p.report.findings);
  const at = order.findIndex((one) => one.index === p.finding);
  const finding = p.report.findings[p.finding];
  return html`<details class="phonebar">
    <summary><span class="ph">${diamond(finding.severity)}${say(finding.title, p.lang)}</span><span class="nw">${at + 1} / ${order.length}</span></summary>
    <ol>${order.map((one) => html`<li><a href=${p.href(one.index)} aria-current=${one.index === p.finding ? 'true' : nothing}>${diamond(p.report.findings[one.index].severity)}<span>${say(p.report.findings[one.index].title, p.lang)}</span></a></li>`)}
    <li>${conversationsLink(p)}</li></ol>
  </details>`;
}
