import { describe, expect, it } from 'vitest';
import type { Finding, Report } from '../../src/contract';
import { emptyRoute } from '../../src/route';
import {
  findingIndex,
  findingName,
  ladderQuery,
  packetNumbers,
  quietConversations,
  resultView,
} from '../../src/session';
import { placed } from '../../src/view/incidents';
import report from '../fixtures/report-s2.json';

const s2 = report as unknown as Report;
const finding = (scenario: string, explains: number[] = [], severity = 'problem') =>
  ({ scenario, explains, severity, conversations: [] }) as unknown as Finding;

describe('what an address means in a capture', () => {
  const findings = [finding('a'), finding('b'), finding('a')];

  it('names findings so that each is found again', () => {
    for (const index of findings.keys()) expect(findingIndex(findings, findingName(findings, index))).toBe(index);
    expect(findingName(findings, 2)).toBe('a.2');
  });

  it('falls back to the headline', () => {
    expect(findingIndex(findings, '')).toBe(0);
    expect(findingIndex(findings, 'unheard-of')).toBe(0);
  });

  it('calls a capture healthy when nothing is worse than worth knowing', () => {
    const fine = { ...s2, findings: [finding('health-check-or-scan', [], 'info')] };
    expect(resultView(fine, emptyRoute)).toBe('healthy');
    expect(resultView(fine, { ...emptyRoute, finding: 'health-check-or-scan' })).toBe('incident');
    expect(resultView(s2, emptyRoute)).toBe('incident');
    expect(resultView(s2, { ...emptyRoute, view: 'conversations' })).toBe('conversations');
  });

  it('asks for one case of a finding, or for a conversation', () => {
    expect(ladderQuery(s2, emptyRoute, 0)).toEqual({ finding: 0, occurrence: 0 });
    expect(ladderQuery(s2, { ...emptyRoute, finding: 'syn-no-answer' }, 1)).toEqual({ finding: 1, occurrence: 1 });
    expect(ladderQuery(s2, { ...emptyRoute, conversation: 8 }, 0)).toEqual({ conversation: 7 });
  });

  it('counts the connections that no finding names', () => {
    expect(quietConversations(s2)).toBe(3);
  });

  it('finds packets inside folds', () => {
    const rows = [
      { kind: 'packet', number: 1 },
      { kind: 'gap' },
      { kind: 'fold', rows: [{ kind: 'packet', number: 7 }] },
    ];
    expect(packetNumbers({ rows } as never)).toEqual([1, 7]);
  });
});

describe('the order of incidents', () => {
  it('puts consequences under their root', () => {
    const order = placed([finding('root', [2]), finding('other'), finding('consequence')]);
    expect(order).toEqual([
      { index: 0, child: false },
      { index: 2, child: true },
      { index: 1, child: false },
    ]);
  });

  it('shows findings that explain each other once', () => {
    expect(placed([finding('a', [1]), finding('b', [0])]).map((one) => one.index)).toEqual([0, 1]);
  });
});
