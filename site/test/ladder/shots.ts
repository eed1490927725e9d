// A page with the fixtures on it, for pictures: ?f=s2,s4&lang=zh&theme=dark&open=1&hot=2&width=704
import '../../src/ladder/element';
import { bulk } from './bulk';

const q = new URLSearchParams(location.search);
const main = document.getElementById('main') as HTMLElement;
document.documentElement.dataset.theme = q.get('theme') ?? 'light';
main.className = innerWidth > 760 ? 'wide' : 'narrow';
if (q.has('width')) main.style.gridTemplateColumns = `repeat(auto-fill, ${q.get('width')}px)`;

for (const name of (q.get('f') ?? 's2,s4').split(',')) {
  const box = document.createElement('section');
  main.append(box);
  const made = /^(bulk|folded)(\d+)$/.exec(name);
  const ladder = made
    ? bulk(Number(made[2]), made[1] === 'folded')
    : await (await fetch(`../fixtures/${name}.ladder.json`)).json();
  const element = document.createElement('pcap-ladder');
  const legend = document.createElement('pcap-legend');
  element.ladder = legend.ladder = ladder;
  element.lang = legend.lang = q.get('lang') ?? 'en';
  element.times = (q.get('times') as 'absolute' | null) ?? 'absolute';
  if (q.has('hot')) element.linkedSentence = Number(q.get('hot'));
  if (q.has('packet')) element.selected = Number(q.get('packet'));
  if (q.has('lanes')) box.append(Object.assign(document.createElement('pcap-lanes'), { lang: q.get('lang') ?? 'en' }));
  box.append(element, legend);
  if (q.has('open')) {
    await element.updateComplete;
    element.openFolds = (ladder.rows ?? [])
      .filter((r: { kind: string }) => r.kind === 'fold')
      .map((r: { foldFirst: number }) => `fold-${r.foldFirst}`);
  }
}
document.documentElement.dataset.ready = '1';
