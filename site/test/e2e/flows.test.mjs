// What a person does with the page: samples, files, languages, keys, mistakes.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { dist, drop, launch, openPage, serve } from './site.mjs';

const testdata = new URL('../../../testdata/', import.meta.url);
const samples = JSON.parse(await readFile(new URL('../../samples.json', import.meta.url), 'utf8'));
const capture = (path) => readFile(new URL(path, testdata));
const wrongAddress = 'synack-from-wrong-address/client.pcapng';

// What the headline of each sample must speak of, in words a person would look for.
const headlines = JSON.parse(await readFile(new URL('./headlines.json', import.meta.url), 'utf8'));

let site;
let browser;
let page;

before(async () => {
  site = await serve(dist, '/deep/below/');
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/** Runs on a fresh page and checks that it stayed quiet and at home. */
function onPage(name, run, options = {}) {
  it(name, async () => {
    page = await openPage(browser, site.url + (options.hash ?? ''), options);
    try {
      await run(page);
      assert.deepEqual(page.problems, []);
      const elsewhere = page.requests.filter((url) => !url.startsWith(site.origin) && !/^(data|blob):/.test(url));
      assert.deepEqual(elsewhere, [], 'a request left the origin');
    } finally {
      await page.context().close();
    }
  });
}

const heading = () => page.locator('h1').innerText();
const spoken = (lang) => page.click(`.seg button[lang="${lang}"]`);

async function dropped(name, bytes) {
  await drop(page, name, bytes);
  await page.waitForSelector('.story');
}

describe('samples', () => {
  it('has expectations for every sample', () => {
    assert.deepEqual(Object.keys(headlines).sort(), Object.keys(samples).sort());
  });

  for (const [scenario, path] of Object.entries(samples)) {
    onPage(scenario, async () => {
      await dropped('capture.pcapng', await capture(path));
      const { en, zh } = headlines[scenario];
      assert.match(await heading(), new RegExp(en, 'i'));
      await page.waitForSelector('pcap-ladder');
      await spoken('zh-CN');
      assert.match(await heading(), new RegExp(zh));
    });
  }
});

describe('files', () => {
  onPage('a drop is read and told, with its packets lit from the text', async () => {
    await dropped('node.pcapng', await capture(wrongAddress));
    assert.match(await page.locator('.top .file').innerText(), /^node\.pcapng$/);
    await page.hover('.story li:nth-child(2)');
    await page.waitForFunction(
      () => document.querySelector('pcap-ladder').shadowRoot.querySelector('.linked') !== null,
    );
  });

  onPage('the file dialog works like a drop', async () => {
    await page.setInputFiles('#file', { name: 'chosen.pcapng', mimeType: '', buffer: await capture(wrongAddress) });
    await page.waitForSelector('.story');
    assert.match(await heading(), /another address/);
  });

  onPage('gzip is unpacked, and a cut one is read as far as it goes', async () => {
    const packed = gzipSync(await capture(wrongAddress));
    await dropped('packed.pcapng.gz', packed);
    assert.match(await heading(), /another address/);
    await drop(page, 'cut.pcapng.gz', packed.subarray(0, packed.length - 40));
    await page.waitForSelector('.note');
  });

  onPage('a picture is no capture, and the page goes on', async () => {
    await drop(page, 'picture.png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    await page.waitForSelector('[role=alert]');
    assert.match(await heading(), /could not be read/);
    await spoken('zh-CN');
    assert.match(await heading(), /无法读取/);
    await spoken('en');
    await dropped('after.pcapng', await capture(wrongAddress));
    assert.match(await heading(), /another address/);
  });

  onPage('an empty file says so', async () => {
    await drop(page, 'empty.pcap', []);
    await page.waitForSelector('[role=alert]');
    assert.match(await page.locator('.deck').innerText(), /empty/i);
  });

  onPage('pasted text is read like a file', async () => {
    await page.click('.drop .btn:not(.main)');
    await page.fill('dialog textarea', listing);
    await page.click('dialog .btn.main');
    await page.waitForSelector('.story');
    assert.match(await heading(), /SYN/);
  });

  onPage('a healthy capture says what was checked', async () => {
    await drop(page, 'fine.pcapng', await capture('data-acked-then-reset-by-proxy/near-miss-healthy-client.pcapng'));
    await page.waitForSelector('.checked');
    assert.match(await heading(), /Nothing is wrong/);
  });
});

describe('when the core fails', () => {
  onPage('it is said, a new one is started, and the page goes on', async () => {
    const broken = await page.context().newPage();
    await broken.route(/core-.*\.wasm/, (route) =>
      route.fulfill({ contentType: 'application/wasm', body: 'no program' }),
    );
    await broken.goto(site.url);
    await drop(broken, 'first.pcapng', await capture(wrongAddress));
    await broken.waitForSelector('.lastwords');
    assert.match(await broken.locator('h1').innerText(), /stopped working/);
    await broken.unroute(/core-.*\.wasm/);
    await drop(broken, 'second.pcapng', await capture(wrongAddress));
    await broken.waitForSelector('.story');
    assert.match(await broken.locator('h1').innerText(), /another address/);
  });
});

describe('moving about', () => {
  onPage('back and forward', async () => {
    await page.click('.card[href="#sample=synack-from-wrong-address"]');
    await page.waitForSelector('.story');
    await page.goBack();
    await page.waitForSelector('.cards');
    await page.goForward();
    await page.waitForSelector('.story');
    assert.match(await heading(), /another address/);
  });

  onPage(
    'an address restores finding, packet and language',
    async () => {
      await page.waitForSelector('.sheet');
      assert.match(page.url(), /packet=7/);
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
      assert.match(await page.locator('.sheet').innerText(), /SYN-ACK/);
      await page.keyboard.press('Escape');
      await page.waitForSelector('.explain');
      assert.doesNotMatch(page.url(), /packet=/);
    },
    { hash: '#sample=synack-from-wrong-address&packet=7&lang=zh' },
  );

  onPage(
    'on a phone the open packet stays above its sheet',
    async () => {
      await page.waitForSelector('.sheet');
      await page.waitForFunction(() => {
        const row = document
          .querySelector('pcap-ladder')
          ?.shadowRoot.querySelector('.row.sel')
          ?.getBoundingClientRect();
        return row && row.top > 0 && row.bottom < document.querySelector('.sheet').getBoundingClientRect().top;
      });
    },
    { hash: '#sample=synack-from-wrong-address&packet=16', viewport: { width: 390, height: 844 } },
  );

  onPage(
    'the table of connections filters and draws one',
    async () => {
      await page.waitForSelector('.vrow [role=cell]');
      await page.fill('.vbar input', '10.4.26.11');
      await page.waitForFunction(() => document.querySelectorAll('.vspace .vrow a').length === 1);
      await page.click('.vspace .vrow a');
      await page.waitForSelector('pcap-ladder');
      assert.match(page.url(), /conversation=/);
    },
    { hash: '#sample=synack-from-wrong-address&view=conversations' },
  );

  onPage(
    'a bad address shows a page that works',
    async () => {
      await page.waitForSelector('[role=alert]');
      await page.click('[role=alert] .btn:not(.main)');
      await page.waitForSelector('.cards');
      page.problems = page.problems.filter((text) => !/404/.test(text)); // the browser's own note of the missing file
    },
    { hash: '#sample=no-such-scenario&packet=99999' },
  );

  onPage(
    'the browser chooses the language first',
    async () => {
      assert.match(await heading(), /放入抓包文件/);
    },
    { locale: 'zh-TW' },
  );
});

describe('a capture that lies elsewhere', () => {
  it('is fetched after asking, by the page made for it', async () => {
    const other = await serve(fileURLToPath(testdata), '/');
    const address = `${other.url}${wrongAddress}`;
    page = await openPage(browser, `${site.url}#src=${encodeURIComponent(address)}`);
    await page.waitForSelector('.state .btn.main');
    assert.match(page.url(), /\/fetch\/#src=/);
    assert.match(await heading(), new RegExp(new URL(other.url).host));
    assert.ok(!page.requests.includes(address), 'fetched before asking');
    await page.click('.state .btn.main');
    await page.waitForSelector('.story');
    assert.match(await heading(), /another address/);
    await page.context().close();
    await other.close();
  });
});

describe('taking away', () => {
  const wrong = { hash: '#sample=synack-from-wrong-address' };

  async function exported(label) {
    await page.waitForSelector('pcap-ladder');
    await page.click('.act >> text=Export');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click(`.pop.menu button >> text=${label}`),
    ]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  onPage(
    'a drawing that stands by itself',
    async () => {
      const { name, bytes } = await exported('(SVG)');
      const text = bytes.toString();
      assert.match(name, /^the-syn-was-answered.*\.svg$/);
      assert.match(text, /^<svg /);
      assert.match(text, /10\.4\.26\.234/);
      assert.doesNotMatch(text, /url\(['"]?http|<image|<script/);
    },
    wrong,
  );

  onPage(
    'a picture twice as fine',
    async () => {
      const { bytes } = await exported('(PNG)');
      assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
      const shown = await page.locator('pcap-ladder').evaluate((one) => one.getBoundingClientRect().width);
      assert.ok(bytes.readUInt32BE(16) >= 2 * shown, 'fewer than two pixels per unit');
    },
    wrong,
  );

  onPage(
    'an explanation for a ticket',
    async () => {
      const { bytes } = await exported('(Markdown)');
      const text = bytes.toString();
      assert.match(text, /^# The SYN was answered from another address/);
      assert.match(text, /## How to fix it/);
      assert.match(text, /```[\s\S]*SYN-ACK[\s\S]*```/);
    },
    wrong,
  );

  onPage(
    'data for a program',
    async () => {
      const { bytes } = await exported('(JSON)');
      const { finding, ladder } = JSON.parse(bytes.toString());
      assert.equal(finding.scenario, 'synack-from-wrong-address');
      assert.ok(ladder.rows.length > 5);
    },
    wrong,
  );
});

describe('shared links', () => {
  // Samples whose proof is in the payload, which no link carries: none today.
  const differ = [];

  for (const scenario of Object.keys(samples)) {
    onPage(
      scenario,
      async () => {
        await page.waitForSelector('pcap-ladder');
        await page.click('.act >> text=Share');
        await page.waitForSelector('.pop .length:not([data-same=null])');
        const same = await page.locator('.pop .length').getAttribute('data-same');
        assert.equal(same, String(!differ.includes(scenario)));
        const link = await page.locator('.pop .url code').innerText();
        if (same === 'false') return;
        const told = await heading();
        const other = await openPage(browser, link);
        await other.waitForSelector('.story');
        assert.equal(await other.locator('h1').innerText(), told);
        await other.context().close();
      },
      { hash: `#sample=${scenario}` },
    );
  }

  onPage(
    'a typical incident fits any chat',
    async () => {
      await page.waitForSelector('pcap-ladder');
      await page.click('.act >> text=Share');
      await page.waitForSelector('.pop .url code');
      const { length } = await page.locator('.pop .url code').innerText();
      assert.ok(length < 1500, `${length} characters`);
    },
    { hash: '#sample=synack-from-wrong-address' },
  );

  onPage(
    'a cut link says so',
    async () => {
      await page.waitForSelector('[role=alert]');
      assert.match(await heading(), /not whole/);
    },
    { hash: '#d=q1bKzEtJrVCyUkpJLElV' },
  );
});

describe('without a network', () => {
  onPage('the page loads, and reads a capture', async () => {
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    await page.reload();
    await page.waitForSelector('.cards');
    await dropped('offline.pcapng', await capture(wrongAddress));
    assert.match(await heading(), /another address/);
  });
});

const listing = `18:56:40.353352 IP 10.4.26.45.35582 > 10.4.26.234.80: Flags [S], seq 853654705, win 29200, length 0
18:56:40.353506 IP 10.4.26.11.80 > 10.4.26.45.35582: Flags [S.], seq 914414059, ack 853654706, win 28960, length 0
18:56:40.353521 IP 10.4.26.45.35582 > 10.4.26.11.80: Flags [R], seq 853654706, win 0, length 0
18:56:41.395322 IP 10.4.26.45.35582 > 10.4.26.234.80: Flags [S], seq 853654705, win 29200, length 0
18:56:41.395441 IP 10.4.26.11.80 > 10.4.26.45.35582: Flags [S.], seq 930697370, ack 853654706, win 28960, length 0
18:56:41.395457 IP 10.4.26.45.35582 > 10.4.26.11.80: Flags [R], seq 853654706, win 0, length 0
`;
