import type { Command } from '../../cli/command.ts';
import { topNode } from './top-node.ts';
import { topPod } from './top-pod.ts';

/** What nodes and Pods use, from the resource metrics API, which an add-on serves. */
export const topCommand: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  commands: [topNode, topPod],
};
