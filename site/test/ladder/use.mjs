// The ladder in a real browser: node --test test/ladder/use.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './serve.mjs';

let site;
before(async () => {
  site = await start();
});
after(() => site.stop());

/** Opens a fixture and records what the element says. */
async function open(query, size = { width: 900, height: 700 }) {
  const page = await site.open(query, size);
  await page.evaluate(() => {
    globalThis.heard = [];
    for (const name of ['hover', 'select', 'close', 'sentence', 'fold', 'rows', 'keys']) {
      document.addEventListener(`ladder-${name}`, (e) =>
        globalThis.heard.push([name, JSON.parse(JSON.stringify(e.detail))]),
      );
    }
  });
  return page;
}

const heard = (page, name) => page.evaluate((n) => globalThis.heard.filter(([k]) => k === n).map(([, d]) => d), name);
const active = (page) =>
  page.evaluate(() =>
    document.querySelector('pcap-ladder').shadowRoot.querySelector('.list').getAttribute('aria-activedescendant'),
  );
const top = (page, id) =>
  page.evaluate(
    (i) =>
      document.querySelector('pcap-ladder').shadowRoot.querySelector(`[data-id="${i}"] .hit`).getBoundingClientRect()
        .top,
    id,
  );

test('one tab stop; arrows walk rows and evidence; Enter opens a packet', async () => {
  const page = await open('f=s2');
  await page.keyboard.press('Tab');
  assert.equal(await active(page), 'row-p1');
  await page.keyboard.press('ArrowDown');
  assert.equal(await active(page), 'row-p2');
  await page.keyboard.press('ArrowRight');
  assert.equal(await active(page), 'row-p5');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await active(page), 'row-p2');
  await page.keyboard.press('Enter');
  assert.equal((await heard(page, 'select'))[0].packet, 2);
  await page.keyboard.press('3');
  assert.deepEqual(await heard(page, 'sentence'), [{ sentence: 3 }]);
  assert.equal(await active(page), 'row-p3');
  await page.keyboard.press('?');
  await page.keyboard.press('Escape');
  assert.equal((await heard(page, 'keys')).length, 1);
  assert.equal((await heard(page, 'close')).length, 1);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
  await page.close();
});

test('rows are told to a screen reader in both languages', async () => {
  for (const [lang, words] of [
    ['en', ['packet 2: SYN-ACK from 10.4.26.11:80 to 10.4.26.45:35582', 'not accepted', 'evidence', '154 µs after']],
    ['zh', ['第 2 个包', '从 10.4.26.11:80 到 10.4.26.45:35582', '未被接受', '证据', '154 µs']],
  ]) {
    const page = await open(`f=s2&lang=${lang}`);
    const text = await page.evaluate(
      () => document.querySelector('pcap-ladder').shadowRoot.querySelector('#row-p2').textContent,
    );
    for (const word of words) assert.ok(text.includes(word), `${word} in ${text}`);
    await page.close();
  }
});

test('pointing tells the packets and sentences of a row; a click selects', async () => {
  const page = await open('f=s2');
  const box = await page.locator('pcap-ladder').locator('[data-id="p2"] .hit').boundingBox();
  await page.mouse.move(box.x + 60, box.y + 20);
  assert.deepEqual((await heard(page, 'hover')).at(-1), { packets: [2], sentences: [2, 5] });
  await page.mouse.click(box.x + 60, box.y + 20);
  assert.equal((await heard(page, 'select'))[0].packet, 2);
  await page.mouse.move(5, 695);
  assert.deepEqual((await heard(page, 'hover')).at(-1), { packets: [], sentences: [] });
  await page.close();
});

test('a fold opens by click and shuts by F without moving the eye', async () => {
  const page = await open('f=s4', { width: 900, height: 500 });
  await page.evaluate(() => scrollTo(0, 300));
  const before = await top(page, 'fold-6');
  const box = await page.locator('pcap-ladder').locator('[data-id="fold-6"] .hit').boundingBox();
  await page.mouse.click(box.x + 300, box.y + 15);
  await page.waitForTimeout(50);
  assert.ok(Math.abs((await top(page, 'fold-6')) - before) < 1.5, 'the fold stays where it was');
  assert.equal(await page.locator('pcap-ladder').locator('[data-id="p8"]').count(), 1);
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  assert.equal(await active(page), 'row-p8');
  const eye = await top(page, 'p8');
  await page.keyboard.press('f');
  await page.waitForTimeout(50);
  assert.equal(await active(page), 'row-fold-6');
  assert.ok(Math.abs((await top(page, 'fold-6')) - eye) < 8, 'the fold comes to where the row was');
  assert.equal(await page.locator('pcap-ladder').locator('[data-id="p8"]').count(), 0);
  await page.close();
});

test('reveal opens the fold that hides a packet', async () => {
  const page = await open('f=s4');
  await page.evaluate(() => document.querySelector('pcap-ladder').reveal(9, { focus: true }));
  assert.equal(await active(page), 'row-p9');
  await page.close();
});

test('a fold without rows asks for them and shows what it is given', async () => {
  const page = await open('f=folded3000');
  const shown = await page.evaluate(async () => {
    const element = document.querySelector('pcap-ladder');
    const row = element.ladder.rows[1];
    element.addEventListener('ladder-rows', (e) => {
      const { first, last, give } = e.detail;
      give(
        Array.from({ length: last - first + 1 }, (_, i) => ({
          ...row,
          kind: 'packet',
          number: first + i,
          at: row.at + (i + 1) * 1000,
        })),
      );
    });
    await element.reveal(100);
    await element.updateComplete;
    await element.reveal(100);
    await element.updateComplete;
    await new Promise((done) => setTimeout(done, 1500));
    const at = element.shadowRoot.querySelector('[data-id="p100"]')?.getBoundingClientRect();
    return at && at.top >= 0 && at.bottom <= innerHeight;
  });
  assert.deepEqual(
    (await heard(page, 'rows')).map(({ first, last }) => [first, last]),
    [[4, 2999]],
  );
  assert.equal(shown, true);
  await page.close();
});

test('a lane is dragged by its head past its neighbour', async () => {
  const page = await open('f=s2');
  const order = () => page.evaluate(() => document.querySelector('pcap-ladder').arrangement.order);
  const box = await page.locator('pcap-ladder').locator('.grip').nth(2).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x - 120, box.y + 24, { steps: 6 });
  await page.mouse.up();
  assert.deepEqual(await order(), ['10.4.26.45:35582', '10.4.26.11:80', '10.4.26.234:80']);
  await page.mouse.move(20, 300);
  assert.equal((await order()).length, 3);
  await page.close();
});

test('the panel moves, renames, hides and joins lanes by keyboard', async () => {
  const page = await open('f=s2&lanes=1');
  const lanes = () =>
    page.evaluate(() =>
      [...document.querySelector('pcap-ladder').shadowRoot.querySelectorAll('.t-address, .t-role')].map(
        (t) => t.textContent,
      ),
    );
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByLabel('10.4.26.11:80: name').fill('the pod');
  await page.keyboard.press('Tab');
  await page.getByLabel('10.4.26.234:80: show').press('Space');
  assert.deepEqual(
    (await lanes()).filter((t) => t.startsWith('10.')),
    ['10.4.26.45', '10.4.26.11'],
  );
  assert.ok((await lanes()).includes('the pod'));
  await page.getByLabel('10.4.26.11:80: to the left').press('Enter');
  await page.getByRole('button', { name: 'As captured' }).press('Enter');
  assert.equal((await lanes()).filter((t) => t.startsWith('10.')).length, 3);
  await page.getByLabel('10.4.26.11:80: same host as').selectOption('10.4.26.234:80');
  assert.deepEqual(
    (await lanes()).filter((t) => t.startsWith('10.')),
    ['10.4.26.45', '10.4.26.234'],
  );
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('button', { name: 'As captured' }).count(), 0);
  await page.close();
});

test('a hundred thousand rows: few are in the page, and scrolling keeps the frames', async () => {
  const page = await open('f=bulk100000', { width: 900, height: 900 });
  const rows = await page.evaluate(
    () => document.querySelector('pcap-ladder').shadowRoot.querySelectorAll('.row').length,
  );
  assert.ok(rows > 20 && rows < 160, `${rows} rows rendered`);
  for (const step of [120, 600, 6000]) {
    const frames = await page.evaluate(async (by) => {
      const times = [];
      let last = await new Promise(requestAnimationFrame);
      for (let i = 0; i < 120; i++) {
        scrollBy({ top: by, behavior: 'instant' });
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
      }
      return times.sort((a, b) => a - b);
    }, step);
    const at = (q) => frames[Math.floor(frames.length * q)].toFixed(1);
    console.log(`  step ${step} px: p50 ${at(0.5)} p95 ${at(0.95)} max ${at(0.999)} ms`);
  }
  const work = await page.evaluate(async () => {
    const element = document.querySelector('pcap-ladder');
    const update = Object.getPrototypeOf(element).performUpdate;
    const times = [];
    element.performUpdate = function () {
      const begin = performance.now();
      update.call(this);
      times.push(performance.now() - begin);
    };
    for (let i = 0; i < 40; i++) {
      scrollBy({ top: 3000, behavior: 'instant' });
      await new Promise(requestAnimationFrame);
    }
    return times.sort((a, b) => a - b);
  });
  console.log(
    `  ${work.length} windows drawn: p50 ${work[work.length >> 1].toFixed(1)} max ${work.at(-1).toFixed(1)} ms`,
  );
  assert.ok(work.length > 20, 'the window follows');
  assert.ok(work[work.length >> 1] < 50, 'a window is not a long task to draw');
  const shown = await page.evaluate(() => {
    const texts = [...document.querySelector('pcap-ladder').shadowRoot.querySelectorAll('.row')].filter((r) => {
      const b = r.getBoundingClientRect();
      return b.bottom > 0 && b.top < innerHeight;
    });
    return texts.length;
  });
  assert.ok(shown > 10, 'the window is where the eye is');
  await page.close();
});
