// Questions out, answers back, and a new worker when the core has died.

import type {
  ConversationPage,
  ConversationQuery,
  Failure,
  Finding,
  LadderQuery,
  Layer,
  OccurrenceQuery,
  PacketDetail,
  Progress,
  Report,
  Row,
  RowsQuery,
  ScenarioInfo,
  SharedFrame,
  ShareQuery,
} from './contract';
import type { Ladder } from './ladder/types';
import type { Question, Reply, Request } from './protocol';

/** The input is no capture: what it looks like and what to do, for people. */
export class Unreadable extends Error {
  constructor(readonly failure: Failure) {
    super(failure.en);
  }
}

/** The person asked to stop. */
export class Stopped extends Error {}

/** The core died; `report` is what it said last. The next question starts a new one. */
export class Crashed extends Error {
  constructor(readonly report: string) {
    super('the analysis crashed');
  }
}

export type OnProgress = (progress: Progress, read: number) => void;

interface Waiting {
  resolve(value: unknown): void;
  reject(reason: Error): void;
  progress?: OnProgress;
}

/** What runs the core: a worker, or something that behaves like one. */
export interface CoreRunner {
  postMessage(request: Request): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export class Engine {
  private worker: CoreRunner | null = null;
  private waiting = new Map<number, Waiting>();
  private last = 0;
  private analysing = 0;

  /** `launch` starts what runs the core; `core` is where the core is. */
  constructor(
    private launch: () => CoreRunner,
    private core: string,
  ) {}

  /** Starts loading the core, so that it is there when a file comes. */
  warm(): void {
    this.running();
  }

  analyse(source: Blob, name: string, progress: OnProgress): Promise<Report> {
    this.stop();
    const id = this.next();
    this.analysing = id;
    return this.send<Report>({ id, do: 'analyse', source, name }, progress);
  }

  /** Reads the file a second time, so that ladders of a conversation show all of its packets. */
  again(source: Blob, conversation: number): Promise<null> {
    return this.send({ id: this.next(), do: 'again', source, conversation });
  }

  /** Ends the analysis that is under way, if there is one. */
  stop(): void {
    const waiting = this.waiting.get(this.analysing);
    if (!waiting) return;
    this.waiting.delete(this.analysing);
    this.running().postMessage({ id: this.next(), do: 'stop' } satisfies Request);
    waiting.reject(new Stopped());
  }

  ladder(query: LadderQuery): Promise<Ladder | null> {
    return this.ask('ladder', query);
  }

  occurrence(query: OccurrenceQuery): Promise<Finding | null> {
    return this.ask('occurrence', query);
  }

  rows(query: RowsQuery): Promise<Row[]> {
    return this.ask('rows', query);
  }

  conversations(query: ConversationQuery): Promise<ConversationPage> {
    return this.ask('conversations', query);
  }

  packet(number: number): Promise<PacketDetail | null> {
    return this.ask('packet', { number });
  }

  scenarios(): Promise<ScenarioInfo[]> {
    return this.ask('scenarios', {});
  }

  frame(number: number, bytes: Uint8Array): Promise<Layer[]> {
    return this.send({ id: this.next(), do: 'frame', number, bytes });
  }

  shareFrames(query: OccurrenceQuery): Promise<SharedFrame[]> {
    return this.ask('shareFrames', query);
  }

  share(query: ShareQuery, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return this.send({ id: this.next(), do: 'share', query, bytes });
  }

  /** Ends the worker; what was asked is never answered. */
  close(): void {
    this.worker?.terminate();
    this.worker = null;
    this.waiting.clear();
  }

  private ask<T>(question: Question, query: unknown): Promise<T> {
    return this.send<T>({ id: this.next(), do: 'ask', question, query });
  }

  private next(): number {
    this.last += 1;
    return this.last;
  }

  private send<T>(request: Request, progress?: OnProgress): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(request.id, { resolve: resolve as (value: unknown) => void, reject, progress });
      this.running().postMessage(request);
    });
  }

  private running(): CoreRunner {
    if (this.worker) return this.worker;
    const worker = this.launch();
    worker.onmessage = (event: MessageEvent<Reply>) => this.receive(event.data);
    worker.onerror = (event) => this.replace(event.message || 'the worker did not start');
    this.worker = worker;
    worker.postMessage({ id: this.next(), do: 'start', core: this.core });
    return worker;
  }

  private receive(reply: Reply): void {
    if (reply.kind === 'ready') return;
    if (reply.kind === 'crash') {
      this.replace(reply.report);
      return;
    }
    const waiting = this.waiting.get(reply.id);
    if (!waiting) return;
    if (reply.kind === 'progress') {
      waiting.progress?.(reply.progress, reply.read);
      return;
    }
    this.waiting.delete(reply.id);
    if (reply.kind === 'value') waiting.resolve(reply.value);
    else waiting.reject(reply.kind === 'failure' ? new Unreadable(reply.failure) : new Stopped());
  }

  private replace(report: string): void {
    this.worker?.terminate();
    this.worker = null;
    const open = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of open) waiting.reject(new Crashed(report));
  }
}
