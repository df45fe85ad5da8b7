/**
 * `node tests/recording-runner/http.ts [pattern] [--all] [--quiet] [--parallel 4] [--share 1]`: plays recordings with the
 * real kubectl and bash against clusters that are served over HTTP, several at once, each on a cluster of its own or
 * as many as `--share` says on one, in namespaces of their own. Says which hold, and where not, what differs.
 */
import { parseArgs } from 'node:util';
import { findKubectl } from '../../scripts/kubectl.ts';
import { startClusterServer, type ClusterServer } from '../../src/server/index.ts';
import { HttpStage } from './http-stage.ts';
import { play, type Played } from './play.ts';
import { loadRecording, recordingNames } from './recordings.ts';
import { reportDifference } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    parallel: { type: 'string', default: '4' },
    share: { type: 'string', default: '1' },
  },
});
const pattern = new RegExp(positionals[0] ?? '');
const names = recordingNames().filter((name) => pattern.test(name));
const kubectl = findKubectl();

const results: Played[] = [];
const report = (name: string, result: Played): void => {
  results.push(result);
  const { differences, agreed, steps } = result;
  console.log(`${differences.length === 0 ? 'holds' : 'FAILS'} ${name} ${agreed}/${steps}`);
  const shown = values.all ? differences : differences.slice(0, values.quiet ? 0 : 1);
  for (const difference of shown) console.log(reportDifference(difference).join('\n'));
};

const waiting = [...names];
const perform = async (name: string, server: ClusterServer): Promise<void> => {
  const recording = loadRecording(name);
  report(name, await play(recording, new HttpStage(server, kubectl, recording.files ?? {})));
};
/** Plays what waits, a cluster after another. */
const player = async (): Promise<void> => {
  for (;;) {
    const together = waiting.splice(0, Number(values.share));
    if (together.length === 0) return;
    const server = await startClusterServer({ port: 0, nodes: 3, seed: 1, runtime: 'instant' });
    await Promise.all(together.map((name) => perform(name, server)));
    await server.close();
  }
};
await Promise.all(Array.from({ length: Number(values.parallel) }, player));
const sum = (count: (result: Played) => number): number => results.reduce((total, result) => total + count(result), 0);
const holding = sum(({ differences }) => (differences.length === 0 ? 1 : 0));
console.log(
  `${holding} of ${names.length} recordings hold over HTTP, ${sum(({ agreed }) => agreed)} of ${sum(({ steps }) => steps)} steps agree`,
);
