// A capture that has been analysed, and what an address means in it.

import type { Finding, LadderQuery, Report } from './contract';
import type { Ladder, Row } from './ladder/types';
import { between, counted, duration, type Lang } from './lang';
import type { Route } from './route';

export interface Session {
  /** The part of the address that names the capture. */
  route: Route;
  source: Blob;
  report: Report;
}

/** Which finding an address means: "scenario" or, for a later one, "scenario.2". */
export function findingIndex(findings: Finding[], name: string): number {
  const [scenario, nth] = name.split('.');
  const same = findings.flatMap((finding, i) => (finding.scenario === scenario ? [i] : []));
  return same[Math.max(0, Number(nth ?? 1) - 1)] ?? 0;
}

/** The name of a finding in an address; the inverse of findingIndex. */
export function findingName(findings: Finding[], index: number): string {
  const scenario = findings[index]?.scenario ?? '';
  const nth = findings.slice(0, index + 1).filter((finding) => finding.scenario === scenario).length;
  return nth > 1 ? `${scenario}.${nth}` : scenario;
}

export type ResultView = 'healthy' | 'conversations' | 'incident';

/** What of an open capture an address shows. */
export function resultView(report: Report, route: Route): ResultView {
  if (route.view === 'conversations') return 'conversations';
  const trouble = report.findings.some((finding) => finding.severity !== 'info');
  return trouble || route.finding || route.conversation > 0 ? 'incident' : 'healthy';
}

/** The ladder to ask for. */
export function ladderQuery(report: Report, route: Route, occurrence: number): LadderQuery {
  if (route.conversation > 0) return { conversation: route.conversation - 1 };
  return { finding: findingIndex(report.findings, route.finding), occurrence };
}

/** How many connections the capture holds. */
export function totalConversations(report: Report): number {
  return report.captures[0].conversations;
}

/** How many connections no finding names. */
export function quietConversations(report: Report): number {
  const named = new Set(report.findings.flatMap((finding) => finding.conversations ?? []));
  return Math.max(0, totalConversations(report) - named.size);
}

/** "412 packets, 37 connections, 2 min 11 s". */
export function countsLine(report: Report, lang: Lang): string {
  const capture = report.captures[0];
  const parts = [
    counted(capture.packets, 'packet', 'packets', '个包', lang),
    counted(capture.conversations, 'connection', 'connections', '条连接', lang),
  ];
  if (capture.first && capture.last) parts.push(duration(between(capture.first, capture.last), lang));
  return parts.join(lang === 'zh' ? '，' : ', ');
}

/** The numbers of a ladder's packets, folded ones included, in the order shown. */
export function packetNumbers(ladder: Ladder | null): number[] {
  const of = (rows: Row[]): number[] =>
    rows.flatMap((row) => {
      if (row.kind === 'fold') return of(row.rows ?? []);
      return row.kind === 'packet' ? [row.number] : [];
    });
  return of(ladder?.rows ?? []);
}
