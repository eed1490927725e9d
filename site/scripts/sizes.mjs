// Prints what a visitor downloads before the first answer, compressed as a
// static host would (brotli 11), and fails above the budgets.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;

// In bytes: what the core with every rule and both languages' text should weigh,
// what it may not exceed today, and the same for the page without the core.
const coreTarget = 1_200_000;
const coreBudget = 1_550_000;
const pageBudget = 100_000;

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

// What index.html pulls in before a capture is answered: its scripts and styles,
// whatever those import at once, and the worker with the core.
function firstAnswer() {
  const all = files(dist);
  const seen = new Set();
  const queue = [join(dist, 'index.html')];
  while (queue.length > 0) {
    const path = queue.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    if (!/\.(html|js|css)$/.test(path)) continue;
    const text = readFileSync(path, 'utf8');
    const eager = path.endsWith('.js') ? text.replace(/import\([^)]*\)/g, '') : text;
    for (const other of all) {
      const name = other.split('/').pop();
      // The embed is named in the snippet that can be copied, not loaded.
      const own = !other.startsWith(join(dist, 'embed'));
      if (own && /\.(js|css|wasm)$/.test(name) && eager.includes(name)) queue.push(other);
    }
  }
  return [...seen];
}

let page = 0;
let core = 0;
for (const path of firstAnswer()) {
  const size = brotli(readFileSync(path));
  if (path.endsWith('.wasm')) core += size;
  else page += size;
  console.log(`${String(size).padStart(9)}  ${path.slice(dist.length)}`);
}
const line = (name, size, budget) =>
  console.log(`${name}: ${size} bytes, budget ${budget} (${Math.round((100 * size) / budget)} %)`);
line('core', core, coreBudget);
console.log(`core target: ${coreTarget} bytes (${Math.round((100 * core) / coreTarget)} %)`);
line('page without core', page, pageBudget);
if (core === 0 || core > coreBudget || page > pageBudget) {
  console.error('over budget, or no core in the built site');
  process.exit(1);
}
