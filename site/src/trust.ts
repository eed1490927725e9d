// The page runs under Trusted Types: an address that becomes a script has to
// pass this one policy, and it passes only when it is the page's own.

interface Policy {
  createScriptURL(url: string): unknown;
}

interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

function ownAddress(url: string): string {
  const absolute = new URL(url, document.baseURI);
  if (absolute.origin !== location.origin) throw new TypeError(`not an address of this page: ${url}`);
  return absolute.href;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const policy: Policy = factory?.createPolicy('app', { createScriptURL: ownAddress }) ?? { createScriptURL: ownAddress };

/** An address of this site, fit to be run as a worker or a service worker. */
export function scriptAddress(url: string): string {
  return policy.createScriptURL(url) as string;
}
