// The core in a worker of its own.

import { serve } from './host';
import type { Request } from './protocol';

const receive = serve((reply) => self.postMessage(reply));
self.onmessage = (event: MessageEvent<Request>) => receive(event.data);
