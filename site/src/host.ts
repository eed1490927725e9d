// The only file that knows the Go runtime. It starts the core, writes a file's
// bytes into the core's memory and passes questions on.

import '../gen/wasm_exec.js';
import type { Core, Failure, ShareQuery } from './contract';
import { type Input, openInput } from './input';
import type { Question, Reply, Request } from './protocol';

interface GoRuntime {
  importObject: WebAssembly.Imports;
  exited: boolean;
  run(instance: WebAssembly.Instance): Promise<void>;
}

interface Scope {
  Go: new () => GoRuntime;
  fs: { writeSync(fd: number, bytes: Uint8Array): number };
  pcaplainCore?: Core;
}

const scope = globalThis as unknown as Scope;
const progressEvery = 60; // ms between two progress messages
const lastWordsKept = 4000; // characters of what Go wrote, for the crash report

let memory: WebAssembly.Memory;
let lastWords = '';
let crashed = false;
let current = 0; // the analysis under way; another id means that it was stopped

let send: (reply: Reply) => void;
let ready: Promise<Core>;

function crash(reason: unknown): void {
  if (crashed) return;
  crashed = true;
  send({ id: 0, kind: 'crash', report: `${String(reason)}\n${lastWords}`.trim() });
}

// Go writes a panic to standard error through this stand-in for a file system.
function keepLastWords(): void {
  const decoder = new TextDecoder();
  scope.fs.writeSync = (_fd, bytes) => {
    lastWords = (lastWords + decoder.decode(bytes)).slice(-lastWordsKept);
    return bytes.length;
  };
}

async function instantiate(address: string, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the core did not load: ${response.status} ${address}`);
  if (response.headers.get('content-type')?.startsWith('application/wasm')) {
    return (await WebAssembly.instantiateStreaming(response, imports)).instance;
  }
  return (await WebAssembly.instantiate(await response.arrayBuffer(), imports)).instance;
}

async function start(address: string): Promise<Core> {
  keepLastWords();
  const go = new scope.Go();
  const instance = await instantiate(address, go.importObject);
  memory = instance.exports.mem as WebAssembly.Memory;
  go.run(instance).then(() => crash('the core ended'), crash);
  const core = scope.pcaplainCore;
  if (!core) throw new Error('the core started without offering itself');
  send({ id: 0, kind: 'ready' });
  return core;
}

// Memory that Go has grown detaches older views, so each write makes its own.
function write(core: Core, bytes: Uint8Array, use: (length: number) => void): void {
  const { pointer, capacity } = core.buffer();
  for (let at = 0; at < bytes.length; at += capacity) {
    const part = bytes.subarray(at, at + capacity);
    new Uint8Array(memory.buffer, pointer, part.length).set(part);
    use(part.length);
  }
}

/** One pass over a file: what begins it, and what it answers in the end. */
interface Pass {
  begin(): void;
  end(): unknown;
}

async function readFile(core: Core, id: number, file: Blob, pass: Pass): Promise<void> {
  current = id;
  let input = await openInput(file);
  try {
    await feed(core, id, input, pass);
  } catch (problem) {
    if (problem instanceof Unread) return send({ id, kind: 'failure', failure: problem.failure });
    if (!(problem instanceof BadPacking)) throw problem;
    // The browser gives up on a cut or oddly packed file; the core reads what is there.
    input = await openInput(file, true);
    await feed(core, id, input, pass);
  }
}

class BadPacking extends Error {}

class Unread extends Error {
  readonly failure: Failure;
  constructor(reason: unknown) {
    super(String(reason));
    this.failure = {
      en: `The browser could not read this file (${reason}). It may have changed or moved since it was chosen: choose it again.`,
      zh: `浏览器读不了这个文件（${reason}）。选中之后它可能被改动或移走了，请重新选择。`,
    };
  }
}

async function feed(core: Core, id: number, input: Input, pass: Pass): Promise<void> {
  pass.begin();
  let told = performance.now();
  const reader = input.stream.getReader();
  for (;;) {
    const { done, value } = await read(reader, input);
    if (current !== id) {
      reader.cancel().catch(() => {});
      return send({ id, kind: 'stopped' });
    }
    if (done) break;
    const failure = feedChunk(core, value);
    if (failure) {
      reader.cancel().catch(() => {});
      return send({ id, kind: 'failure', failure });
    }
    if (performance.now() - told > progressEvery) {
      told = performance.now();
      tellProgress(core, id, input);
    }
  }
  const failure = core.finish();
  send(failure ? { id, kind: 'failure', failure } : { id, kind: 'value', value: pass.end() });
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>, input: Input) {
  try {
    return await reader.read();
  } catch (problem) {
    throw input.packing === 'none' ? new Unread(problem) : new BadPacking(String(problem));
  }
}

function feedChunk(core: Core, chunk: Uint8Array): Failure | null {
  let failure: Failure | null = null;
  write(core, chunk, (length) => {
    failure ??= core.feed(length);
  });
  return failure;
}

function tellProgress(core: Core, id: number, input: Input): void {
  const progress = core.progress();
  const taken = input.taken();
  send({ id, kind: 'progress', progress, read: taken < 0 ? progress.bytes : taken });
}

function ask(core: Core, question: Question, query: unknown): unknown {
  return (core[question] as (query: unknown) => unknown)(query);
}

function frame(core: Core, number: number, bytes: Uint8Array): unknown {
  let layers: unknown = [];
  write(core, bytes, (length) => {
    layers = core.frame({ number }, length);
  });
  return layers;
}

function share(core: Core, query: ShareQuery, bytes: Uint8Array): Uint8Array {
  let made = { pointer: 0, length: 0 };
  write(core, bytes, (length) => {
    made = core.share(query, length);
  });
  return new Uint8Array(memory.buffer, made.pointer, made.length).slice();
}

async function answer(request: Request): Promise<void> {
  if (request.do === 'stop') {
    current = 0;
    return;
  }
  if (request.do === 'start') {
    ready = start(request.core);
  }
  const core = await ready;
  const { id } = request;
  switch (request.do) {
    case 'analyse':
      return readFile(core, id, request.source, {
        begin: () => core.open(request.name, request.source.size),
        end: () => core.report(),
      });
    case 'again':
      return readFile(core, id, request.source, {
        begin: () => core.again({ conversation: request.conversation }),
        end: () => null,
      });
    case 'ask':
      return send({ id, kind: 'value', value: ask(core, request.question, request.query) });
    case 'frame':
      return send({ id, kind: 'value', value: frame(core, request.number, request.bytes) });
    case 'share':
      return send({ id, kind: 'value', value: share(core, request.query, request.bytes) });
  }
}

/** Runs the core and sends replies; the answer takes the requests. The first must be "start". */
export function serve(reply: (reply: Reply) => void): (request: Request) => void {
  send = reply;
  return (request) => {
    answer(request).catch(crash);
  };
}
