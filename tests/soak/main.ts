/** `npm run soak [-- --seed N --hours N --nodes N]`: a week of a 50-node cluster in which everything goes wrong. */
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: String(7 * 24) },
    nodes: { type: 'string', default: '50' },
    every: { type: 'string', default: '10' },
  },
});
const before = process.cpuUsage();
const { cluster, violations } = soak({
  seed: Number(values.seed),
  hours: Number(values.hours),
  nodes: Number(values.nodes),
  everyMinutes: Number(values.every),
});
const { user, system } = process.cpuUsage(before);
console.log(
  `${values.hours} hours of ${values.nodes} nodes: ${((user + system) / 1e6).toFixed(1)} s of CPU, ` +
    `${cluster.kernel.executed} events, ${cluster.etcd.revision} writes`,
);
for (const violation of violations) console.log(violation);
console.log(
  violations.length === 0 ? 'Everything is as it should be.' : `${violations.length} things are not as they should be.`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
