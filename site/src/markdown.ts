// One incident as text that can be pasted into a ticket or an article.

import type { Finding, Ladder } from './contract';
import { toText } from './ladder/text';
import { type Lang, say, type Text } from './lang';
import { causeWord, certaintyWords, severityWords, symptomWord, words } from './words';

/** The explanation and the ladder, in Markdown. */
export function markdown(finding: Finding, ladder: Ladder, lang: Lang): string {
  const blocks = [
    `# ${say(finding.title, lang)}`,
    `*${status(finding, lang)}*`,
    say(finding.summary, lang),
    fence(toText(ladder, lang)),
    section(words.happened, story(finding, lang), lang),
    section(words.means, [say(finding.meaning, lang)], lang),
    section(words.others, causes(finding, lang), lang),
    section(words.ruledOut, ruledOut(finding, lang), lang),
    section(words.confirm, checks(finding, lang), lang),
    section(words.fix, bullets(finding.fixes, lang), lang),
    section(words.reference, references(finding), lang),
  ];
  return `${blocks.filter(Boolean).join('\n\n')}\n`;
}

/** "Problem. What happened: certain. Cause: likely." */
export function status(finding: Finding, lang: Lang): string {
  const parts = [
    severityWords[finding.severity],
    symptomWord(certaintyWords[finding.symptom]),
    causeWord(certaintyWords[finding.cause]),
  ];
  return parts.map((part) => say(part, lang)).join(lang === 'zh' ? '；' : '; ');
}

function section(head: Text, lines: string[], lang: Lang): string {
  const full = lines.filter(Boolean);
  return full.length > 0 ? `## ${say(head, lang)}\n\n${full.join('\n')}` : '';
}

function fence(text: string): string {
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}

function story(finding: Finding, lang: Lang): string[] {
  return (finding.story ?? []).map((one, i) => `${i + 1}. ${say(one.text, lang)}`);
}

function causes(finding: Finding, lang: Lang): string[] {
  return (finding.causes ?? []).map((one) => {
    const decides = say(one.decides, lang);
    return `- ${say(one.text, lang)} (${say(certaintyWords[one.certainty], lang)})${decides ? `\n  ${decides}` : ''}`;
  });
}

function ruledOut(finding: Finding, lang: Lang): string[] {
  return (finding.ruledOut ?? []).map((one) => `- ${say(one.text, lang)}\n  ${say(one.because, lang)}`);
}

function checks(finding: Finding, lang: Lang): string[] {
  return (finding.checks ?? []).map(
    (one) => `- ${say(one.text, lang)}${one.command ? `\n\n      ${one.command}\n` : ''}`,
  );
}

function bullets(texts: Text[] | null, lang: Lang): string[] {
  return (texts ?? []).map((one) => `- ${say(one, lang)}`);
}

function references(finding: Finding): string[] {
  return (finding.references ?? []).map((one) => {
    const title = one.url ? `[${one.title}](${one.url})` : one.title;
    return `- ${[one.author, title, one.date].filter(Boolean).join(', ')}`;
  });
}
