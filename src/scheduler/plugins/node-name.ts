import type { Node } from '../../api/types.ts';
import { status } from '../framework/status.ts';
import type { Plugin } from '../framework/plugin.ts';

const NAME = 'NodeName';
const OTHER_NODE = status('UnschedulableAndUnresolvable', NAME, "node(s) didn't match the requested node name");

/** Lets a Pod that names its node go nowhere else. */
export const nodeName = (): Plugin => ({
  name: NAME,
  filtersByNumbers: true,
  events: [
    {
      actions: ['NodeAdd'],
      helps: (pod, event) => (event.new as Node).metadata.name === pod.pod.spec.nodeName,
    },
  ],
  passesEverywhere: ({ pod }) => !pod.pod.spec.nodeName,
  filter: (_cycle, { pod }, node) => (!pod.spec.nodeName || pod.spec.nodeName === node.name ? undefined : OTHER_NODE),
});
