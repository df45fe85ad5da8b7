import { stateKey } from '../framework/cycle.ts';
import type { Plugin } from '../framework/plugin.ts';
import { SKIP, status } from '../framework/status.ts';

const NAME = 'DynamicResources';
const PREPARED = stateKey<true>();
const NO_CLAIMS = status('Unschedulable', NAME, 'no new claims to deallocate');
const NOT_PREPARED = status('Error', NAME, 'not found');

/**
 * Devices claimed through ResourceClaims. Claims themselves are not served yet: every Pod is one without
 * claims, for which this plugin only has its say when nothing fits.
 */
export const dynamicResources = (): Plugin => ({
  name: NAME,
  preFilter(cycle) {
    cycle.write(PREPARED, true);
    return { status: SKIP };
  },
  // A PreFilter before this one that rejects the Pod leaves nothing here to work with.
  postFilter: (cycle) => ({ status: cycle.read(PREPARED) ? NO_CLAIMS : NOT_PREPARED }),
  score: (_cycle, nodes, scores) => void scores.fill(0, 0, nodes.length),
});
