// The one page that may speak to another address: a link can name a capture that
// lies elsewhere. The page that takes files from this machine never has that
// right, so it hands such links over to this one.

import { restoreTheme } from './theme';
import './app';

restoreTheme();
