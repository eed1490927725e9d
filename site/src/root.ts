/** The site's root, as seen from whatever page of it this is. */
export function siteRoot(): URL {
  return new URL(document.documentElement.dataset.root ?? './', document.baseURI);
}
