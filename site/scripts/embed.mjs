// Builds the element for other people's pages: one module, with the worker's
// code inside as text, beside the core that the site already has.

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const common = { root: at(''), configFile: false, logLevel: 'warn' };
const oneFile = { codeSplitting: false };

const worker = await build({
  ...common,
  build: {
    write: false,
    target: 'es2022',
    lib: { entry: 'src/worker.ts', formats: ['es'], fileName: 'worker' },
    rolldownOptions: { output: oneFile },
  },
});
const code = [worker].flat()[0].output[0].code;

const core = (await readdir(at('dist/assets'))).find((name) => /^core-.*\.wasm$/.test(name));
if (!core) throw new Error('the built site has no core');

await build({
  ...common,
  define: { PCAPLAIN_CORE: JSON.stringify(`../assets/${core}`), 'process.env.NODE_ENV': '"production"' },
  plugins: [
    {
      name: 'worker-code',
      resolveId: (id) => (id === 'virtual:worker-code' ? `\0${id}` : null),
      load: (id) => (id === '\0virtual:worker-code' ? `export default ${JSON.stringify(code)}` : null),
    },
  ],
  build: {
    target: 'es2022',
    outDir: at('dist/embed'),
    emptyOutDir: false,
    copyPublicDir: false,
    lib: { entry: 'src/embed/element.ts', formats: ['es'], fileName: () => 'pcaplain-ladder.js' },
    rolldownOptions: { output: oneFile },
  },
});
console.log(`embed: dist/embed/pcaplain-ladder.js, core ../assets/${core}`);
process.exit(0);
