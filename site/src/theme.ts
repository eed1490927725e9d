// Light or dark: the system's choice until the person makes one.

import { recall, remember } from './lang';

const remembered = 'pcaplain.theme';
type Theme = 'light' | 'dark';

function system(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Sets the theme that was chosen earlier, if there was one. */
export function restoreTheme(): void {
  const chosen = recall(remembered);
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
}

export function toggleTheme(): void {
  const root = document.documentElement;
  const next = (root.dataset.theme ?? system()) === 'dark' ? 'light' : 'dark';
  root.dataset.theme = next;
  remember(remembered, next);
}
