// The values that the core hands to the page, written by hand from the core's
// own types. A name that differs here is a bug here.

import type { Ladder, Row, Text } from './ladder/types';

export type { Ladder, Lane, Row, State, Text, Timer } from './ladder/types';

export type Severity = 'problem' | 'warning' | 'info';
export type Certainty = 'certain' | 'likely' | 'possible' | 'unknown';

export interface Report {
  version: number;
  captures: Capture[];
  findings: Finding[];
  /** Left out when there are more than 200: ask for pages of them. */
  conversations: Conversation[] | null;
  /** What was looked at, in numbers; stands on the page of a healthy capture. */
  checked: Checked[] | null;
  /** How many kinds of trouble were looked for. */
  scenarios: number;
  /** How long handshakes took, ns: the dots of the healthy page. */
  handshakes: number[] | null;
}

export interface Capture {
  name: string;
  format: string;
  bytes: number;
  packets: number;
  tcpPackets: number;
  conversations: number;
  first: string;
  last: string;
  interfaces: { name: string; linkType: number | string; snapLength: number }[] | null;
  damage: Damage | null;
  notes: { id: string; text: Text }[] | null;
}

export interface Damage {
  offset: number;
  reason: Text;
}

export interface Checked {
  name: Text;
  text: Text;
}

export interface Finding {
  scenario: string;
  severity: Severity;
  symptom: Certainty;
  cause: Certainty;
  conversations: number[] | null;
  evidence: { capture: number; packet: number; role: Text }[] | null;
  title: Text;
  summary: Text;
  meaning: Text;
  story: Sentence[] | null;
  causes: Cause[] | null;
  ruledOut: { text: Text; because: Text }[] | null;
  checks: { text: Text; command: string }[] | null;
  fixes: Text[] | null;
  references: Reference[] | null;
  explains: number[] | null;
  count: number;
  occurrences: Occurrence[] | null;
}

export interface Sentence {
  text: Text;
  packets: number[] | null;
}

export interface Cause {
  text: Text;
  certainty: Certainty;
  decides: Text;
}

export interface Reference {
  title: string;
  author: string;
  date: string;
  url: string;
}

export interface Occurrence {
  conversation: number;
  time: string;
  packet: number;
  label: string;
}

export interface Conversation {
  id: number;
  capture: number;
  client: string;
  server: string;
  packets: number;
  bytes: number;
  first: string;
  last: string;
  handshake: string;
  end: string;
  findings: number[] | null;
}

export interface ConversationQuery {
  offset: number;
  limit: number;
  filter: string;
  order: string;
  descending: boolean;
}

export interface ConversationPage {
  total: number;
  rows: Conversation[] | null;
}

/** One packet in words and fields, as its detail shows it. */
export interface PacketDetail {
  number: number;
  conversation: number;
  time: string;
  from: string;
  to: string;
  title: Text;
  sentence: Text;
  tags: { id: string; name: Text; meaning: Text }[] | null;
  groups: FieldGroup[] | null;
  /** The packets before and after it in the conversation, 0 for none; nanoseconds between. */
  previous: number;
  sincePrevious: number;
  next: number;
  untilNext: number;
  /** Where the frame's bytes stand in the (unpacked) capture; length 0 for a listing. */
  offset: number;
  length: number;
}

export interface FieldGroup {
  name: Text;
  fields: DetailField[] | null;
}

export interface DetailField {
  name: Text;
  value: string;
  /** The same as on the wire, when the value is relative or scaled. */
  raw: string;
  meaning: Text;
  /** False when the capture does not say: a listing has no TTL. */
  known: boolean;
}

/** One header of a frame with its fields and where their bytes stand. */
export interface Layer {
  name: string;
  offset: number;
  length: number;
  fields: { name: string; value: string; offset: number; length: number; meaning: Text }[] | null;
}

/** One kind of trouble as the catalogue tells it. */
export interface ScenarioInfo {
  id: string;
  /** Where a person would look for it. */
  symptom: string;
  title: Text;
  summary: Text;
  meaning: Text;
  recognised: Text[] | null;
  confused: { id: string; text: Text }[] | null;
  fixes: Text[] | null;
  references: Reference[] | null;
}

export interface Failure {
  en: string;
  zh: string;
}

export interface Progress {
  bytes: number;
  packets: number;
  tcpPackets: number;
  conversations: number;
}

export interface OccurrenceQuery {
  finding: number;
  occurrence: number;
}

/** A frame that a shared incident is made of. */
export interface SharedFrame {
  number: number;
  offset: number;
  length: number;
}

export interface ShareQuery extends OccurrenceQuery {
  rename: boolean;
  whole: boolean;
}

export type LadderQuery = OccurrenceQuery | { conversation: number };

export interface RowsQuery {
  finding: number;
  conversation: number;
  first: number;
  last: number;
}

/** What the core puts on the worker's global object. Every call is synchronous. */
export interface Core {
  open(name: string, size: number): void;
  buffer(): { pointer: number; capacity: number };
  feed(length: number): Failure | null;
  finish(): Failure | null;
  /** Makes the next feeds, until finish, a second read of the file for one conversation. */
  again(query: { conversation: number }): void;
  progress(): Progress;
  report(): Report;
  /** The finding as one of its cases tells it. */
  occurrence(query: OccurrenceQuery): Finding | null;
  ladder(query: LadderQuery): Ladder | null;
  rows(query: RowsQuery): Row[];
  conversations(query: ConversationQuery): ConversationPage;
  packet(query: { number: number }): PacketDetail | null;
  frame(query: { number: number }, length: number): Layer[];
  scenarios(): ScenarioInfo[];
  shareFrames(query: OccurrenceQuery): SharedFrame[];
  /** The frames' bytes stand in the buffer; the answer is where the pcapng stands. */
  share(query: ShareQuery, length: number): { pointer: number; length: number };
}
