// Messages between the page and the worker that runs the core.

import type { Failure, Progress, ShareQuery } from './contract';

/** Questions that the core answers at once, without a capture being read. */
export type Question = 'occurrence' | 'ladder' | 'rows' | 'conversations' | 'packet' | 'scenarios' | 'shareFrames';

export type Request =
  /** Comes first: where the core is. */
  | { id: number; do: 'start'; core: string }
  | { id: number; do: 'analyse'; source: Blob; name: string }
  /** Reads the file a second time, for all packets of one conversation. */
  | { id: number; do: 'again'; source: Blob; conversation: number }
  | { id: number; do: 'stop' }
  | { id: number; do: 'ask'; question: Question; query: unknown }
  | { id: number; do: 'frame'; number: number; bytes: Uint8Array }
  | { id: number; do: 'share'; query: ShareQuery; bytes: Uint8Array };

export type Reply =
  | { id: number; kind: 'value'; value: unknown }
  | { id: number; kind: 'failure'; failure: Failure }
  | { id: number; kind: 'stopped' }
  | { id: number; kind: 'progress'; progress: Progress; read: number }
  /** The core is loaded and waits. */
  | { id: 0; kind: 'ready' }
  /** The core is gone and this worker with it; `report` is what Go said last. */
  | { id: 0; kind: 'crash'; report: string };
