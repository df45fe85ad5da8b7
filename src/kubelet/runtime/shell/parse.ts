import type { parse } from 'unbash';
import { Late } from '../../../api/late.ts';

/** The parser of the shell's language. */
export const shellParser = new Late<typeof parse>('unbash');
