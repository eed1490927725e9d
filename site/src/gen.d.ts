// site/gen is filled by the build: the core and the Go runtime's own loader.
declare module '*/gen/wasm_exec.js';

declare module 'virtual:worker-code' {
  const code: string;
  export default code;
}
