// What every browser test needs: the built site on loopback, and a browser.

import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
};
const compressed = new Set(['.html', '.js', '.css', '.svg', '.json', '.wasm']);

export const dist = process.env.SITE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));
export const shots = fileURLToPath(new URL('../shots', import.meta.url));

/** Serves a folder on a free loopback port, compressed as a static host does it. */
export async function serve(root = dist, under = '/') {
  const packed = new Map();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (!path.startsWith(under)) return end(response, 404);
    let file = join(root, normalize(path.slice(under.length - 1)));
    if (!file.startsWith(root)) return end(response, 404);
    const found = await stat(file).catch(() => null);
    if (found?.isDirectory()) file = join(file, 'index.html');
    const body = await readFile(file).catch(() => null);
    if (!body) return end(response, 404);
    const kind = extname(file);
    const headers = {
      'content-type': types[kind] ?? 'application/octet-stream',
      'access-control-allow-origin': '*', // for the element in a page of another origin
    };
    if (!compressed.has(kind)) return end(response, 200, headers, body);
    if (!packed.has(file)) packed.set(file, gzipSync(body));
    end(response, 200, { ...headers, 'content-encoding': 'gzip' }, packed.get(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}${under}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function end(response, status, headers = {}, body = '') {
  response.writeHead(status, headers);
  response.end(body);
}

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** A page that keeps what it asked for and what it complained about. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.requests = [];
  page.problems = [];
  page.on('request', (request) => page.requests.push(request.url()));
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') page.problems.push(message.text());
  });
  await page.goto(url);
  return page;
}

/** Drops a file on the page the way a person does it: over the window, then let go. */
export async function drop(page, name, bytes) {
  const transfer = await page.evaluateHandle(
    ([fileName, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], fileName));
      return data;
    },
    [name, Buffer.from(bytes).toString('base64')],
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}
