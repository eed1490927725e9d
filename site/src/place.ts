// Moving about: the address is the only record of where the page is, so that
// back, forward, reload and links all work alike.

import { emptyRoute, formatRoute, parseRoute, type Route } from './route';

export class Place {
  route: Route = emptyRoute;

  /** `arrived` is called whenever the address has come to mean something else. */
  constructor(private arrived: () => void) {
    addEventListener('hashchange', () => this.read());
  }

  read(): void {
    this.route = parseRoute(location.hash);
    this.arrived();
  }

  /** Goes somewhere; `replace` leaves no step to come back to. */
  go(change: Partial<Route>, replace = false): void {
    const hash = formatRoute({ ...this.route, ...change });
    const address = hash || location.pathname + location.search;
    if (replace || hash === location.hash) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.read();
  }

  href(change: Partial<Route>): string {
    return formatRoute({ ...this.route, ...change }) || '#';
  }
}
