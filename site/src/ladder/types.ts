// One incident laid out in meaning, as the core hands it over. Names, units and
// defaults follow the core's own types; what a pixel is starts in scene.ts.

export type Lang = 'en' | 'zh';
/** One text in both languages. */
export type Text = { en: string; zh: string };

export interface Ladder {
  capture: number;
  /** Index of the finding, -1 for a plain conversation. */
  finding: number;
  conversations: number[] | null;
  title: Text;
  /** Unix time of row time 0, in whole seconds and nanoseconds. */
  startSeconds: number;
  startNanos: number;
  /** False when the capture states only times of day. */
  hasDate: boolean;
  lanes: Lane[] | null;
  rows: Row[] | null;
  states: State[] | null;
  timers: Timer[] | null;
  packets: number;
  shown: number;
}

export interface Lane {
  id: string;
  kind: 'endpoint' | 'nat' | 'proxy' | string;
  address: string;
  /** 0 when several or none. */
  port: number;
  name: string;
  role: Text;
  note: Text;
  capturedHere: boolean;
  foot: Text;
  silent: boolean;
}

export type RowKind = 'packet' | 'gap' | 'event' | 'hop' | 'fold';
export type PacketClass = 'control' | 'ack' | 'data' | 'reset' | 'other';
export type End = 'from' | 'to' | '';

export interface Row {
  kind: RowKind;
  /** ns since the ladder's start. */
  at: number;
  number: number;
  from: number;
  to: number;
  class: PacketClass | '';
  flags: string;
  seq: string;
  ack: string;
  length: number;
  window: number;
  repeated: boolean;
  repeats: number;
  answers: number;
  ignored: boolean;
  lost: boolean;
  inferred: boolean;
  evidence: boolean;
  ring: End;
  callouts: number[] | null;
  oneWay: number;
  exact: End;
  tags: string[] | null;
  /** Extra words of the label, such as "D-SACK 0–1". */
  detail?: Text;
  senderNote: Text;
  receiverNote: Text;
  duration: number;
  label: Text;
  reason: Text;
  lane: number;
  approximate: boolean;
  count: number;
  foldStyle: 'repeat' | 'bulk' | '';
  foldFirst: number;
  foldLast: number;
  rows: Row[] | null;
}

export interface State {
  lane: number;
  name: string;
  from: number;
  to: number;
  inferred: boolean;
}

export interface Timer {
  lane: number;
  from: number;
  to: number;
  duration: number;
  label: Text;
  note: Text;
}
