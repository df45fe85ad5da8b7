import { Late } from '../../api/late.ts';
import type { Image } from './image.ts';

/** Every image of the simulated registries, with its programs. */
export const publishedImages = new Late<readonly Image[]>('what the registries have');
