// The page inside an iframe: the same app without its tools, which tells the
// page around it how high it is.

import '../app';

/** What the frame posts to the page around it. */
export interface HeightMessage {
  pcaplain: 'height';
  height: number;
}

let told = 0;

function tell(): void {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (height === told) return;
  told = height;
  const message: HeightMessage = { pcaplain: 'height', height };
  // Any page may embed this one, and a height is no secret.
  parent.postMessage(message, '*');
}

new ResizeObserver(tell).observe(document.body);
