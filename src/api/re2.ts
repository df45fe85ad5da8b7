import type { RE2JS } from 're2js';
import { Late } from './late.ts';

/** Regular expressions in Go's syntax, which take time in proportion to the text and no more. */
export const re2 = new Late<Pick<typeof RE2JS, 'compile'>>('re2js');
