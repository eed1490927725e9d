// Every state of the page, in both themes, both languages, desktop and phone:
// nothing for axe to say, nothing wider than the window. Pictures go to
// test/shots, to be looked at.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { overflow, violations } from './axe.mjs';
import { dist, drop, launch, openPage, serve, shots } from './site.mjs';

let site;
let browser;

before(async () => {
  await mkdir(shots, { recursive: true });
  site = await serve(dist, '/some/path/');
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.close();
});

const looks = [
  { name: 'desktop-light-en', viewport: { width: 1440, height: 900 }, colorScheme: 'light', locale: 'en-GB' },
  { name: 'desktop-dark-zh', viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'zh-CN' },
  { name: 'phone-light-zh', viewport: { width: 390, height: 844 }, colorScheme: 'light', locale: 'zh-CN' },
  { name: 'phone-dark-en', viewport: { width: 390, height: 844 }, colorScheme: 'dark', locale: 'en-GB' },
];

const wrongAddress = '#sample=synack-from-wrong-address';

const states = {
  home: { hash: '', ready: '.cards' },
  incident: { hash: wrongAddress, ready: 'pcap-ladder' },
  stuck: { hash: '#sample=stuck-syn-recv-server-ignores-ack', ready: 'pcap-ladder' },
  crossed: { hash: '#sample=cross-wired-tuple-collision', ready: 'pcap-ladder' },
  packet: { hash: `${wrongAddress}&packet=7`, ready: '.sheet' },
  conversations: { hash: `${wrongAddress}&view=conversations`, ready: '.vrow [role=cell]' },
  keys: { hash: '', ready: '.cards', act: (page) => page.keyboard.press('?') },
  paste: { hash: '', ready: '.cards', act: (page) => page.click('.drop .btn:not(.main)') },
  error: { hash: '', ready: '.cards', act: (page) => drop(page, 'picture.png', pngHead), wait: '[role=alert]' },
  healthy: { hash: '', ready: '.cards', act: dropHealthy, wait: '.plain .deck' },
  damaged: { hash: '', ready: '.cards', act: dropDamaged, wait: '.note' },
};

const pngHead = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52];
const testdata = new URL('../../../testdata/', import.meta.url);

async function dropHealthy(page) {
  await drop(
    page,
    'healthy.pcapng',
    await readFile(new URL('data-acked-then-reset-by-proxy/near-miss-healthy-client.pcapng', testdata)),
  );
}

async function dropDamaged(page) {
  const whole = await readFile(new URL('synack-from-wrong-address/client.pcapng', testdata));
  await drop(page, 'cut-short.pcapng', whole.subarray(0, whole.length - 11));
}

for (const look of looks) {
  describe(look.name, () => {
    for (const [name, state] of Object.entries(states)) {
      it(name, async () => {
        const { name: _, ...options } = look;
        const page = await openPage(browser, site.url + state.hash, options);
        try {
          await page.waitForSelector(state.ready);
          await state.act?.(page);
          if (state.wait) await page.waitForSelector(state.wait);
          await page.waitForTimeout(150); // transitions and late layout
          await page.screenshot({
            path: `${shots}/${name}-${look.name}.png`,
            fullPage: !state.act && name !== 'packet',
          });
          assert.deepEqual(await violations(page), []);
          assert.equal(await overflow(page), 0, 'the page is wider than its window');
          assert.deepEqual(page.problems, []);
        } finally {
          await page.context().close();
        }
      });
    }
  });
}
