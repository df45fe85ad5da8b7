import type { Plugin } from '../framework/plugin.ts';

/** Orders the queue: higher priority first, then who has waited longer. */
export const prioritySort = (): Plugin => ({
  name: 'PrioritySort',
  less: (a, b) => b.info.priority - a.info.priority || a.timestamp - b.timestamp,
});
