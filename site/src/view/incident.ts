import { html, nothing, type TemplateResult } from 'lit';
import type { Ladder } from '../contract';
import type { LadderEvents } from '../ladder/element';
import type { TimeMode } from '../ladder/time';
import { clock, type Lang, say, type Text } from '../lang';
import type { CutOut, ShareOptions } from '../share';
import { words } from '../words';
import './actions';
import { type ExplainProps, explanation, lead } from './explain';
import { type IncidentsProps, incidents, phoneBar } from './incidents';
import { packetList } from './list';
import { type PacketProps, packetSheet } from './packet';

type Heard<Name extends keyof LadderEvents> = (event: CustomEvent<LadderEvents[Name]>) => void;

export interface IncidentProps {
  lang: Lang;
  incidents: IncidentsProps;
  /** Null for a conversation drawn by itself. */
  explain: ExplainProps | null;
  ladder: Ladder | null;
  /** Whether the ladder is shorter than the window. */
  short: boolean;
  linked: number[];
  linkedSentence: number;
  selected: number;
  times: TimeMode;
  onTimes(times: TimeMode): void;
  packet: PacketProps | null;
  backHref: string;
  /** Whether the capture was a text listing. */
  listing: boolean;
  cutOut(options: ShareOptions): Promise<CutOut>;
  on: {
    hover: Heard<'ladder-hover'>;
    select: Heard<'ladder-select'>;
    close: () => void;
    sentence: Heard<'ladder-sentence'>;
    rows: Heard<'ladder-rows'>;
    keys: () => void;
  };
}

/** Incidents, ladder and explanation; the packet's sheet takes the explanation's place. */
export function incident(p: IncidentProps): TemplateResult {
  return html`<main class=${`result${p.packet ? ' with-packet' : ''}`} id="main">
    ${p.explain ? html`${incidents(p.incidents)}${phoneBar(p.incidents)}` : nothing}
    <div class="headline">${p.explain ? lead(p.explain) : conversationLead(p)}</div>
    ${middle(p)}
    ${p.explain ? html`<article class="explain">${explanation(p.explain)}</article>` : nothing}
    ${p.packet ? packetSheet(p.packet) : nothing}
  </main>`;
}

function conversationLead(p: IncidentProps): TemplateResult {
  return html`<p class="kick"><a href=${p.backHref}>${say(words.allConversations(String(p.incidents.total)), p.lang)}</a></p>
    <h1>${say(words.plainConversation, p.lang)}</h1>
    <p class="deck">${say(p.ladder?.title, p.lang)}</p>`;
}

const timeModes: [TimeMode, Text][] = [
  ['absolute', words.timesAbsolute],
  ['relative', words.timesRelative],
  ['delta', words.timesDelta],
  ['scale', words.timesScale],
];

function timesChoice(p: IncidentProps): TemplateResult {
  const changed = (event: Event) => p.onTimes((event.target as HTMLSelectElement).value as TimeMode);
  return html`<label class="times"><select aria-label=${say(words.times, p.lang)} @change=${changed}>${timeModes.map(
    ([mode, name]) => html`<option value=${mode} ?selected=${mode === p.times}>${say(name, p.lang)}</option>`,
  )}</select></label>`;
}

// Where the column of incidents has no room for its occurrences, this steps through them.
function occurrenceStep(p: IncidentProps): unknown {
  const { report, finding, occurrence, onOccurrence } = p.incidents;
  const all = p.explain ? (report.findings[finding]?.occurrences ?? []) : [];
  if (all.length < 2) return nothing;
  const one = all[occurrence];
  const step = (by: number) => () => onOccurrence((occurrence + by + all.length) % all.length);
  return html`<div class="occstep" role="group" aria-label=${say(words.occurrences, p.lang)}>
    <button type="button" aria-label=${say(words.previousOne, p.lang)} @click=${step(-1)}>‹</button>
    <span aria-live="polite">${occurrence + 1} / ${all.length} · ${clock(one.time)} ${one.label}</span>
    <button type="button" aria-label=${say(words.nextOne, p.lang)} @click=${step(1)}>›</button></div>`;
}

function middle(p: IncidentProps): TemplateResult {
  const { ladder, lang } = p;
  if (!ladder) return html`<section class="mid" aria-busy="true"></section>`;
  return html`<section class=${p.short ? 'mid short' : 'mid'}>
    <div class="midhead"><span>${say(ladder.title, lang)}</span>${timesChoice(p)}<pcap-lanes lang=${lang}></pcap-lanes>
      <pcap-actions .ladder=${ladder} .finding=${p.explain?.finding ?? null} .language=${lang} .listing=${p.listing} .cutOut=${p.cutOut}></pcap-actions></div>
    ${occurrenceStep(p)}
    <pcap-ladder .ladder=${ladder} lang=${lang} .linked=${p.linked} .linkedSentence=${p.linkedSentence} .selected=${p.selected} .times=${p.times}
      @ladder-hover=${p.on.hover} @ladder-select=${p.on.select} @ladder-close=${p.on.close}
      @ladder-sentence=${p.on.sentence} @ladder-rows=${p.on.rows} @ladder-keys=${p.on.keys}></pcap-ladder>
    <pcap-legend class="under" .ladder=${ladder} lang=${lang}></pcap-legend>
    ${packetList(ladder, lang)}
  </section>`;
}
