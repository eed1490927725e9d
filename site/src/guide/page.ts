// The pages of the guide: plain HTML, readable without JavaScript.

import type { Finding, ScenarioInfo } from '../contract';
import { layout } from '../ladder/layout';
import { toSVG } from '../ladder/tosvg';
import { type Lang, locale, say, type Text } from '../lang';
import { words } from '../words';
import type { Told } from './core';
import { guideWords, symptomWords } from './words';

export interface Entry {
  scenario: ScenarioInfo;
  /** The sample capture of this scenario, told by the core; null without one. */
  told: Told | null;
}

/** What every page of the guide needs to know of the site around it. */
export interface Site {
  /** Style sheets, as paths from the site's root. */
  styles: string[];
  /** Where the site is published, with a slash at the end; empty when unknown. */
  origin: string;
  entries: Entry[];
}

const wide = 704; // px; laid out twice, since a ladder is never scaled
const narrow = 358;

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** Text of the core: "#12" as a mark, `code` as code. */
function prose(text: string): string {
  return escaped(text)
    .replace(/(?<![\w/#&])#(\d+)\b/g, '<span class="pk">#$1</span>')
    .replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** The path of a page from the site's root. */
export function pathOf(lang: Lang, id = ''): string {
  return `${lang === 'zh' ? 'zh/' : ''}guide/${id ? `${id}/` : ''}`;
}

/** The way from a page back to the site's root. */
const up = (path: string): string => '../'.repeat(path.split('/').length - 1);

interface Head {
  lang: Lang;
  path: string;
  other: string;
  title: string;
  description: string;
}

function page(site: Site, head: Head, body: string): string {
  const root = up(head.path);
  const styles = [...site.styles, 'guide/guide.css'].map((one) => `<link rel="stylesheet" href="${root}${one}">`);
  return `<!doctype html>
<html lang="${locale(head.lang)}" data-lang="${head.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escaped(head.title)} · pcaplain</title>
<meta name="description" content="${escaped(head.description)}">
<meta property="og:title" content="${escaped(head.title)}">
<meta property="og:description" content="${escaped(head.description)}">
<meta property="og:type" content="article">
${alternates(site, head)}
<link rel="icon" href="${root}icon.svg" type="image/svg+xml">
${styles.join('\n')}
</head>
<body>
<header class="top"><a class="mark" href="${root}">${mark}<span>pcaplain</span></a><a href="${root}${pathOf(head.lang)}">${say(guideWords.guide, head.lang)}</a><span class="grow"></span>
<nav class="seg" aria-label="${say(words.language, head.lang)}">${switchTo(head, 'en', root)}${switchTo(head, 'zh', root)}</nav></header>
${body}
</body>
</html>
`;
}

// Addresses in these have to be whole ones, which only a published site has.
function alternates(site: Site, head: Head): string {
  if (!site.origin) return '';
  const here = `${site.origin}${head.path}`;
  const there = `${site.origin}${head.other}`;
  const [en, zh] = head.lang === 'en' ? [here, there] : [there, here];
  return `<link rel="canonical" href="${here}">
<link rel="alternate" hreflang="en" href="${en}">
<link rel="alternate" hreflang="zh-CN" href="${zh}">
<link rel="alternate" hreflang="x-default" href="${en}">
<meta property="og:url" content="${here}">`;
}

function switchTo(head: Head, lang: Lang, root: string): string {
  const name = lang === 'en' ? 'EN' : '中文';
  const on = lang === head.lang;
  return `<a href="${root}${on ? head.path : head.other}" lang="${locale(lang)}"${on ? ' aria-current="page"' : ''}>${name}</a>`;
}

const mark = `<svg viewBox="0 0 20 20" aria-hidden="true"><path class="lg-lane" d="M4 2v16M16 2v16"/><path class="lg-line" d="M4 5.5l9 2.2"/><path class="lg-head" d="M16 8.1l-4.4-3-1 4z"/><path class="lg-answer" d="M16 12l-8 2"/><circle class="lg-dot" cx="5.8" cy="14.6" r="2.6"/></svg>`;

/** One scenario: what it is, a real case with its ladder, how it is told apart, what to do. */
export function scenarioPage(site: Site, entry: Entry, lang: Lang): string {
  const { scenario, told } = entry;
  const path = pathOf(lang, scenario.id);
  const head: Head = {
    lang,
    path,
    other: pathOf(lang === 'zh' ? 'en' : 'zh', scenario.id),
    title: say(scenario.title, lang),
    description: say(scenario.summary, lang),
  };
  const body = `<main class="guide" id="main">
<p class="eyebrow">${escaped(say(symptomWords[scenario.symptom], lang) || scenario.symptom)}</p>
<h1>${escaped(say(scenario.title, lang))}</h1>
<p class="deck">${prose(say(scenario.summary, lang))}</p>
${told ? realCase(told, scenario.id, path, lang) : ''}
${part(guideWords.means, lang, say(scenario.meaning, lang) && `<p>${prose(say(scenario.meaning, lang))}</p>`)}
${part(guideWords.recognised, lang, list(scenario.recognised, lang))}
${part(guideWords.confused, lang, confused(site, scenario, path, lang))}
${told ? part(words.confirm, lang, checks(told.finding, lang)) : ''}
${part(words.fix, lang, list(scenario.fixes, lang))}
${part(words.reference, lang, references(scenario))}
</main>`;
  return page(site, head, body);
}

function part(head: Text, lang: Lang, body: string): string {
  return body ? `<h2>${say(head, lang)}</h2>\n${body}` : '';
}

function list(texts: Text[] | null, lang: Lang): string {
  if (!texts?.length) return '';
  return `<ul class="fix">${texts.map((text) => `<li>${prose(say(text, lang))}</li>`).join('')}</ul>`;
}

function realCase(told: Told, id: string, path: string, lang: Lang): string {
  const story = (told.finding.story ?? []).map(
    (one, i) =>
      `<li><span class="num" aria-hidden="true">${i + 1}</span><span>${prose(say(one.text, lang))}</span></li>`,
  );
  return `<h2>${say(guideWords.realCase, lang)}</h2>
<figure class="case">${drawing(told, wide, 'wide', lang)}${drawing(told, narrow, 'narrow', lang)}<figcaption>${escaped(say(told.ladder.title, lang))}</figcaption></figure>
<ol class="story">${story.join('')}</ol>
<p class="onward"><a class="btn main" href="${up(path)}#sample=${id}&amp;finding=${id}&amp;lang=${lang}">${say(guideWords.openCapture, lang)}</a></p>`;
}

// The marks' styles stand in guide.css: the policy allows none inside the page.
function drawing(told: Told, width: number, name: string, lang: Lang): string {
  const svg = toSVG(layout(told.ladder, { width, lang }), { theme: 'page' });
  return `<div class="${name}">${svg.replace(/<style>[\s\S]*?<\/style>/, '')}</div>`;
}

function confused(site: Site, scenario: ScenarioInfo, path: string, lang: Lang): string {
  const known = new Map(site.entries.map((entry) => [entry.scenario.id, entry.scenario]));
  const items = (scenario.confused ?? []).map((one) => {
    const other = known.get(one.id);
    const name = other
      ? `<a href="${up(path)}${pathOf(lang, other.id)}">${escaped(say(other.title, lang))}</a>${lang === 'zh' ? '：' : ': '}`
      : '';
    return `<li>${name}${prose(say(one.text, lang))}</li>`;
  });
  return items.length > 0 ? `<ul class="fix">${items.join('')}</ul>` : '';
}

function checks(finding: Finding, lang: Lang): string {
  const items = (finding.checks ?? []).map(
    (check) =>
      `<div class="cmd"><p>${prose(say(check.text, lang))}</p>${check.command ? `<pre><code>${escaped(check.command)}</code></pre>` : ''}</div>`,
  );
  return items.length > 0 ? `<div class="cmds">${items.join('')}</div>` : '';
}

function references(scenario: ScenarioInfo): string {
  return (scenario.references ?? [])
    .map((one) => {
      const title = one.url
        ? `<a href="${escaped(one.url)}" rel="noreferrer noopener">${escaped(one.title)}</a>`
        : `<cite>${escaped(one.title)}</cite>`;
      return `<p class="ref">${[escaped(one.author), title, escaped(one.date)].filter(Boolean).join(', ')}</p>`;
    })
    .join('');
}

/** The list of all scenarios, by what a person sees first. */
export function indexPage(site: Site, lang: Lang): string {
  const path = pathOf(lang);
  const head: Head = {
    lang,
    path,
    other: pathOf(lang === 'zh' ? 'en' : 'zh'),
    title: say(guideWords.indexTitle, lang),
    description: say(guideWords.indexDeck(site.entries.length), lang),
  };
  const symptoms = [...new Set(site.entries.map((entry) => entry.scenario.symptom))];
  const groups = symptoms.map((symptom) => {
    const items = site.entries
      .filter((entry) => entry.scenario.symptom === symptom)
      .map(
        ({ scenario }) =>
          `<li><a href="${scenario.id}/">${escaped(say(scenario.title, lang))}</a><p>${prose(say(scenario.summary, lang))}</p></li>`,
      );
    return `<h2>${escaped(say(symptomWords[symptom], lang) || symptom)}</h2><ul class="guidelist">${items.join('')}</ul>`;
  });
  const body = `<main class="guide" id="main"><h1>${say(guideWords.indexTitle, lang)}</h1>
<p class="deck">${say(guideWords.indexDeck(site.entries.length), lang)}</p>
${groups.join('\n')}</main>`;
  return page(site, head, body);
}

/** Every page of the guide for search engines; only for a published site. */
export function sitemap(site: Site): string {
  const paths = [
    '',
    ...(['en', 'zh'] as Lang[]).flatMap((lang) =>
      ['', ...site.entries.map((e) => e.scenario.id)].map((id) => pathOf(lang, id)),
    ),
  ];
  const urls = paths.map((path) => `<url><loc>${escaped(site.origin + path)}</loc></url>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${urls.join('\n')}
</urlset>
`;
}
