// What of an element is in view, and how to scroll so that it stays.

function parent(node: Node): Node | null {
  return node.parentNode ?? (node instanceof ShadowRoot ? node.host : null);
}

/** The roots an element stands in, from the nearest to the document. */
export function roots(element: Element): Node[] {
  const out: Node[] = [];
  let root = element.getRootNode();
  while (root instanceof ShadowRoot) {
    out.push(root);
    root = root.host.getRootNode();
  }
  return [...out, root];
}

/** The stretch of an element's height that lies in the window. */
export function visible(element: Element): [number, number] {
  const box = element.getBoundingClientRect();
  return [Math.max(0, -box.top), Math.max(0, window.innerHeight - box.top)];
}

const scrolls = (element: Element): boolean =>
  /auto|scroll/.test(getComputedStyle(element).overflowY) && element.scrollHeight > element.clientHeight;

/** Scrolls the nearest scrolling box by as much as something in it has moved. */
export function keepEye(element: Element, moved: number): void {
  if (Math.abs(moved) < 1) return;
  for (let node = parent(element); node; node = parent(node)) {
    if (node instanceof Element && node !== document.documentElement && node !== document.body && scrolls(node)) {
      node.scrollTop += moved;
      return;
    }
  }
  window.scrollBy({ top: moved, behavior: 'instant' });
}
