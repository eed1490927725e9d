import { restoreTheme } from './theme';
import './app';

restoreTheme();
