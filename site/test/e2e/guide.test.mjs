// The guide: every page answers, reads without JavaScript, and is accessible.

import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { overflow, violations } from './axe.mjs';
import { dist, launch, openPage, serve, shots } from './site.mjs';

let site;
let browser;

before(async () => {
  await mkdir(shots, { recursive: true });
  site = await serve(dist, '/x/');
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.close();
});

const folders = async (path) => (await readdir(`${dist}/${path}`)).filter((name) => !name.includes('.'));

describe('guide', () => {
  it('has the same scenarios in both languages', async () => {
    const en = await folders('guide');
    assert.deepEqual(await folders('zh/guide'), en);
    assert.ok(en.length > 20, `${en.length} scenarios`);
  });

  it('has no link that leads nowhere', async () => {
    for (const path of [
      'guide/',
      'zh/guide/',
      'guide/synack-from-wrong-address/',
      'zh/guide/cross-wired-tuple-collision/',
    ]) {
      const page = await openPage(browser, site.url + path, { javaScriptEnabled: false });
      const links = await page.locator('a[href], link[href]').evaluateAll((all) => all.map((one) => one.href));
      for (const link of new Set(links.filter((one) => one.startsWith(site.origin)).map((one) => one.split('#')[0]))) {
        assert.equal((await fetch(link)).status, 200, `${link} on ${path}`);
      }
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
  });

  it('opens its capture in the page', async () => {
    const page = await openPage(browser, `${site.url}guide/synack-from-wrong-address/`);
    await page.click('.onward a');
    await page.waitForSelector('.story [data-sentence]');
    assert.match(await page.locator('h1').innerText(), /another address/);
    await page.context().close();
  });
});

const looks = [
  { name: 'desktop-light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'phone-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
];
const pages = [
  'guide/',
  'zh/guide/',
  'guide/synack-from-wrong-address/',
  'zh/guide/stuck-syn-recv-server-ignores-ack/',
];

describe('guide pages look right', () => {
  for (const look of looks) {
    for (const path of pages) {
      it(`${path} ${look.name}`, async () => {
        const page = await openPage(browser, site.url + path, look);
        await page.screenshot({ path: `${shots}/${path.replaceAll('/', '-')}${look.name}.png`, fullPage: true });
        assert.deepEqual(await violations(page), []);
        assert.equal(await overflow(page), 0, 'the page is wider than its window');
        assert.deepEqual(page.problems, []);
        await page.context().close();
      });
    }
  }
});
