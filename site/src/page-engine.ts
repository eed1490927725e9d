// The engine of the site's own pages: a worker file and the core beside them.

import coreAddress from '../gen/core.wasm?url&no-inline';
import { type CoreRunner, Engine } from './engine';
import { scriptAddress } from './trust';
import workerAddress from './worker.ts?worker&url';

export function pageEngine(): Engine {
  const launch = () => new Worker(scriptAddress(workerAddress), { type: 'module' }) as unknown as CoreRunner;
  return new Engine(launch, new URL(coreAddress, import.meta.url).href);
}
