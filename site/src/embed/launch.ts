// Starting the core in a page of another origin: a worker cannot be loaded from
// there, so its code travels as text and becomes a blob. Where the page forbids
// blob workers, the core runs in the page itself.

import workerCode from 'virtual:worker-code';
import type { CoreRunner } from '../engine';
import type { Reply, Request } from '../protocol';

interface Factory {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** Starts whatever the page around allows. */
export function launch(): CoreRunner {
  const runner = new Launched();
  try {
    runner.useWorker(new Worker(blobAddress(), { type: 'module' }));
  } catch {
    runner.usePage(); // one engine throws where the others report an error
  }
  return runner;
}

function blobAddress(): string {
  const url = URL.createObjectURL(new Blob([workerCode], { type: 'text/javascript' }));
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  const policy = factory?.createPolicy(`x-embed`, { createScriptURL: (own) => own });
  return (policy?.createScriptURL(url) as string) ?? url;
}

class Launched implements CoreRunner {
  onmessage: ((event: MessageEvent<Reply>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  private worker: Worker | null = null;
  private sent: Request[] = [];
  private spoken = false;
  private inPage: Promise<(request: Request) => void> | null = null;

  useWorker(worker: Worker): void {
    this.worker = worker;
    worker.onmessage = (event: MessageEvent<Reply>) => {
      this.spoken = true;
      this.sent = [];
      this.onmessage?.(event);
    };
    worker.onerror = (event) => {
      if (this.spoken) this.onerror?.(event);
      else this.usePage();
    };
  }

  usePage(): void {
    this.worker?.terminate();
    this.worker = null;
    this.inPage = import('../host').then(({ serve }) =>
      serve((reply) => this.onmessage?.(new MessageEvent('message', { data: reply }))),
    );
    for (const request of this.sent) void this.inPage.then((receive) => receive(request));
    this.sent = [];
  }

  postMessage(request: Request): void {
    if (this.inPage) {
      void this.inPage.then((receive) => receive(request));
      return;
    }
    if (!this.spoken) this.sent.push(request);
    this.worker?.postMessage(request);
  }

  terminate(): void {
    this.worker?.terminate();
  }
}
