// Serves a folder of plain files on this machine, as any static host would.
//   node scripts/serve.mjs [folder] [port]
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.xml': 'application/xml',
};

const root = resolve(process.argv[2] ?? 'dist');
const port = Number(process.argv[3] ?? 8080);

// The file behind a request, or null: never outside the folder.
function locate(url) {
  const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
  let file = join(root, path);
  if (!file.startsWith(root)) return null;
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory()) file = join(file, 'index.html');
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

createServer((request, response) => {
  const file = locate(request.url ?? '/');
  if (!file) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  const type = types[extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
  createReadStream(file).pipe(response);
}).listen(port, '127.0.0.1', () => console.log(`pcaplain: http://127.0.0.1:${port}/`));
