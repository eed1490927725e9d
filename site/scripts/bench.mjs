// Measures the command and the page against tshark and tcptrace on the same
// captures, each taking turns, and prints medians and ratios beside the targets.
//   node scripts/bench.mjs FOLDER [runs]     FOLDER/*.pcap are the captures
// Nothing fails for being slow: machines differ, ratios of one run are compared.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, serve } from '../test/e2e/site.mjs';

const [folder, runs = '3'] = process.argv.slice(2);
const command = new URL('../../bin/pcaplain', import.meta.url).pathname;
const answered = 'main.result, main.plain:not(.state)'; // a finding, or that nothing is wrong
const patience = 180_000; // ms for one capture in the page

// How many times as fast as a peer, by shape of traffic; shapes not named have no target.
const targets = {
  command: { bulk: { tcptrace: 2, tshark: 25 }, small: { tcptrace: 2, tshark: 25 } },
  page: { bulk: { tcptrace: 0.5, tshark: 4 }, small: { tcptrace: 1, tshark: 12 } },
};
const memoryTarget = 128 << 20; // bytes of linear memory
const coldTarget = 300; // ms
const longTask = 50; // ms

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const here = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

// tcptrace writes files where it stands.
const scratch = mkdtempSync(join(tmpdir(), 'pcaplain-bench-'));
function run(name, ...args) {
  const begun = performance.now();
  execFileSync(name, args, { cwd: scratch, stdio: ['ignore', 'ignore', 'ignore'], maxBuffer: 1 << 30 });
  return performance.now() - begun;
}

// The core's memory is private to its worker: what starts it is wrapped to show it.
const showMemory = `{
  const start = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...given) => {
    const made = await start.apply(WebAssembly, given);
    self.benchMemory = made.instance.exports.mem;
    return made;
  };
}\n`;

async function newPage(browser, url) {
  const page = await (await browser.newContext({ locale: 'en' })).newPage();
  await page.route(/worker-.*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: showMemory + (await response.text()) });
  });
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({
      type: 'longtask',
    });
  });
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return page;
}

async function analyse(page, file) {
  const begun = performance.now();
  await page.setInputFiles('#file', file);
  await page.waitForSelector(answered, { timeout: patience });
  return performance.now() - begun;
}

async function linearMemory(page) {
  for (const worker of page.workers()) {
    const bytes = await worker.evaluate(() => self.benchMemory?.buffer.byteLength ?? 0);
    if (bytes > 0) return bytes;
  }
  return NaN;
}

async function inPage(browser, url, file) {
  const page = await newPage(browser, url);
  await page.waitForTimeout(500); // the core is there, as for a person who looks before dropping
  const time = await analyse(page, file);
  const result = { time, memory: await linearMemory(page), tasks: await page.evaluate(() => window.longTasks) };
  await page.context().close();
  return result;
}

async function coldStart(browser, url, file) {
  const begun = performance.now();
  const page = await newPage(browser, url);
  await analyse(page, file);
  const time = performance.now() - begun;
  await page.context().close();
  return time;
}

function ratios(kind, shape, time, peers) {
  return Object.entries(peers).map(([peer, its]) => {
    const target = targets[kind][shape]?.[peer];
    return `${(its / time).toFixed(2)}x ${peer}${target ? ` (target ${target})` : ''}`;
  });
}

async function capture(browser, url, name, peers) {
  const file = join(folder, name);
  const shape = name.replace('.pcap', '');
  const times = { command: [], page: [], tshark: [], tcptrace: [] };
  const seen = [];
  for (let i = 0; i < Number(runs); i++) {
    times.command.push(run(command, file));
    if (peers.includes('tcptrace')) times.tcptrace.push(run('tcptrace', '-n', file));
    if (peers.includes('tshark')) times.tshark.push(run('tshark', '-n', '-q', '-z', 'expert', '-r', file));
    seen.push(await inPage(browser, url, file));
    times.page.push(seen.at(-1).time);
  }
  const theirs = Object.fromEntries(peers.map((peer) => [peer, median(times[peer])]));
  const spent = Object.entries(theirs).map(([peer, ms]) => `${peer} ${Math.round(ms)} ms`);
  console.log(`${shape}: ${(statSync(file).size / 1e6).toFixed(0)} MB; ${spent.join(', ')}`);
  for (const kind of ['command', 'page']) {
    const time = median(times[kind]);
    console.log(`  ${kind}: ${Math.round(time)} ms; ${ratios(kind, shape, time, theirs).join(', ')}`);
  }
  const memory = Math.max(...seen.map((one) => one.memory));
  const slow = seen.flatMap((one) => one.tasks).filter((ms) => ms > longTask);
  console.log(
    `  page: linear memory ${(memory / 2 ** 20).toFixed(0)} MB, ${(memory / memoryTarget).toFixed(2)} of the target; ` +
      `tasks over ${longTask} ms on the main thread: ${slow.length}${slow.length ? `, longest ${Math.max(...slow)} ms` : ''}`,
  );
}

const peers = ['tcptrace', 'tshark'].filter(here);
for (const peer of ['tcptrace', 'tshark']) {
  if (!peers.includes(peer))
    console.log(`${peer} is not installed: no ratio against it (Debian: apt-get install ${peer})`);
}
const site = await serve();
const browser = await launch();
try {
  const names = readdirSync(folder).filter((name) => name.endsWith('.pcap'));
  for (const name of names.filter((n) => n !== 'cold.pcap')) await capture(browser, site.url, name, peers);
  if (names.includes('cold.pcap')) {
    const times = [];
    for (let i = 0; i < Number(runs); i++) times.push(await coldStart(browser, site.url, join(folder, 'cold.pcap')));
    const ms = median(times);
    console.log(
      `cold start to the first answer, 1 MB: ${Math.round(ms)} ms, ${(ms / coldTarget).toFixed(2)} of the target`,
    );
  }
} finally {
  await browser.close();
  await site.close();
  rmSync(scratch, { recursive: true });
}
