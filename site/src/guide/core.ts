// The core in Node, for what is written at build time.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Core, Finding, Ladder, ScenarioInfo } from '../contract';

interface GoRuntime {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

interface Scope {
  Go: new () => GoRuntime;
  pcaplainCore?: Core;
}

export interface Told {
  finding: Finding;
  ladder: Ladder;
}

export class NodeCore {
  private constructor(
    private core: Core,
    private memory: WebAssembly.Memory,
  ) {}

  /** Starts the core out of the folder that the build put it into. */
  static async start(folder: string): Promise<NodeCore> {
    await import(/* @vite-ignore */ pathToFileURL(`${folder}/wasm_exec.js`).href);
    const scope = globalThis as unknown as Scope;
    const go = new scope.Go();
    const { instance } = await WebAssembly.instantiate(await readFile(`${folder}/core.wasm`), go.importObject);
    void go.run(instance);
    return new NodeCore(scope.pcaplainCore!, instance.exports.mem as WebAssembly.Memory);
  }

  scenarios(): ScenarioInfo[] {
    return this.core.scenarios();
  }

  /** The finding of a scenario in a capture, with its ladder; null when it is not found. */
  tell(scenario: string, name: string, bytes: Uint8Array): Told | null {
    this.core.open(name, bytes.length);
    const { pointer, capacity } = this.core.buffer();
    for (let at = 0; at < bytes.length; at += capacity) {
      const part = bytes.subarray(at, at + capacity);
      new Uint8Array(this.memory.buffer, pointer, part.length).set(part);
      if (this.core.feed(part.length)) return null;
    }
    if (this.core.finish()) return null;
    const { findings } = this.core.report();
    const index = findings.findIndex((finding) => finding.scenario === scenario);
    const ladder = index < 0 ? null : this.core.ladder({ finding: index, occurrence: 0 });
    return ladder ? { finding: findings[index], ladder } : null;
  }
}
