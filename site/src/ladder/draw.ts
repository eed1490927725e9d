// The marks of an item, and the room it needs.

import { drawEvent, eventExtent } from './event';
import { drawFold, drawFoldEdge, foldExtent, foldHeadHeight } from './fold';
import { drawGap, gapHeight, gapMargin } from './gap';
import { drawPacket, packetExtent } from './packet';
import type { Item } from './plan';
import type { Picture } from './scene';
import type { Sheet } from './sheet';
import { picture } from './signs';
import { stripMarks } from './states';
import { word } from './words';

/** Height of an item, and of its first and last time lines below its top. */
interface Extent {
  height: number;
  first: number;
  last: number;
}

const even = (height: number): Extent => ({ height, first: height / 2, last: height / 2 });
const around = ({ above, below }: { above: number; below: number }): Extent => ({
  height: above + below,
  first: above,
  last: above,
});

export function extentOf(s: Sheet, item: Item): Extent {
  switch (item.kind) {
    case 'packet':
      return around(packetExtent(s, item));
    case 'gap':
      return even(gapHeight(s, item) + 2 * gapMargin(s));
    case 'event':
      return around(eventExtent(s, item));
    case 'fold':
      return foldExtent(s, item);
    case 'foldhead':
      return { height: foldHeadHeight(s, item), first: 17, last: 17 };
    case 'strip':
      return even(16);
    case 'loading':
      return even(36);
    default:
      return even(12);
  }
}

function drawLoading(s: Sheet, item: Item): Picture {
  const text = s.ruler.text(s.c.x[0] + 16, item.y + 4, 'start', [{ text: word('loading', s.lang), style: 'note' }]);
  return picture(item, 'quiet', [], [text]);
}

/** The marks of an item; before is the row that its time difference counts from. */
export function draw(s: Sheet, item: Item, before: Item | undefined): Picture {
  switch (item.kind) {
    case 'packet':
      return drawPacket(s, item, before);
    case 'gap':
      return drawGap(s, item);
    case 'event':
      return drawEvent(s, item, before);
    case 'fold':
      return drawFold(s, item);
    case 'strip':
      return picture(item, 'quiet', [], stripMarks(s, item));
    case 'loading':
      return drawLoading(s, item);
    default:
      return drawFoldEdge(s, item);
  }
}
