// One incident in somebody else's page: another origin, with and without a
// strict policy of its own, as an element and as a frame.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { dist, launch, openPage, serve, shots } from './site.mjs';

let site;
let host;
let browser;
const pages = new Map();

before(async () => {
  await mkdir(shots, { recursive: true });
  site = await serve(dist, '/tools/pcaplain/');
  host = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(pages.get(request.url) ?? '');
  });
  await new Promise((resolve) => host.listen(0, '127.0.0.1', resolve));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.close();
  await new Promise((resolve) => host.close(resolve));
});

function article(policy, body) {
  const meta = policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}">` : '';
  return `<!doctype html><html lang="en"><head>${meta}<title>An article</title></head><body><h1>An article</h1>${body}</body></html>`;
}

async function visit(path, html) {
  pages.set(path, html);
  return openPage(browser, `http://127.0.0.1:${host.address().port}${path}`);
}

const element = (scenario, extra = '') =>
  `<pcaplain-ladder src="${site.url}samples/${scenario}.pcapng" ${extra}></pcaplain-ladder>`;
const script = () => `<script type="module" src="${site.url}embed/pcaplain-ladder.js"></script>`;

async function title(page, nth = 0) {
  const one = page.locator('pcaplain-ladder').nth(nth);
  await one.locator('.title').waitFor();
  return one.locator('.title').innerText();
}

describe('the element in a page of another origin', () => {
  it('draws several incidents, each in its language', async () => {
    const two = element('synack-from-wrong-address') + element('self-connect', 'lang="zh"');
    const page = await visit('/plain', article('', script() + two));
    assert.match(await title(page, 0), /another address/);
    assert.match(await title(page, 1), /自己/);
    assert.equal(await page.locator('pcap-ladder').count(), 2);
    await page.screenshot({ path: `${shots}/embed-element.png`, fullPage: true });
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  for (const [name, workers] of [
    ['blob workers', 'blob:'],
    ['no workers', "'none'"],
  ]) {
    it(`works under a strict policy that allows ${name}`, async () => {
      const policy = `default-src 'none'; script-src ${site.origin} 'wasm-unsafe-eval'; connect-src ${site.origin}; worker-src ${workers}; require-trusted-types-for 'script'; trusted-types lit-html x-embed`;
      const page = await visit(
        `/strict-${workers.length}`,
        article(policy, script() + element('synack-from-wrong-address')),
      );
      assert.match(await title(page), /another address/);
      await page.context().close();
    });
  }
});

describe('the frame', () => {
  it('shows an incident and tells its height', async () => {
    const html = article('', `<iframe src="${site.url}embed/#sample=synack-from-wrong-address" width="900"></iframe>`);
    const page = await visit('/frame', html);
    await page.evaluate(() => {
      addEventListener('message', (event) => {
        if (event.data?.pcaplain === 'height') document.querySelector('iframe').height = event.data.height;
      });
    });
    const frame = page.frameLocator('iframe');
    await frame.locator('.story').waitFor();
    assert.match(await frame.locator('h1').innerText(), /another address/);
    await page.waitForFunction(() => document.querySelector('iframe').height > 800);
    assert.equal(await frame.locator('.top').count(), 0);
    await page.screenshot({ path: `${shots}/embed-frame.png`, fullPage: true });
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
});
