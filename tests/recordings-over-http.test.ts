/**
 * A few of the recordings with the real kubectl and bash over HTTP, two clusters' worth of them at once. All of them:
 * `node tests/recording-runner/http.ts`.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClusterServer, type ClusterServer } from '../src/server/index.ts';
import { HttpStage } from './recording-runner/http-stage.ts';
import { play } from './recording-runner/play.ts';
import { loadRecording } from './recording-runner/recordings.ts';

const KUBECTL = process.env['KUBECTL'] ?? 'kubectl';
/** Other kubectls word some answers differently. */
const RECORDED_WITH = 36;

const SAMPLE = [
  'api/apply/server-side',
  'api/patch/strategic',
  'api/reads/paging',
  'controllers/deployment-create',
  'kubectl/create-job',
  'api/reads/get-output',
];

const { stdout } = spawnSync(KUBECTL, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
const minor = Number(/"minor":\s*"(\d+)/.exec(stdout ?? '')?.[1]);

let server: ClusterServer;

beforeAll(async () => {
  server = await startClusterServer({ port: 0, nodes: 3, seed: 1, runtime: 'instant' });
});

afterAll(() => server.close());

describe.runIf(minor === RECORDED_WITH)('recordings with the real kubectl, in namespaces of one cluster', () => {
  test.concurrent.each(SAMPLE)(
    '%s',
    async (name) => {
      const recording = loadRecording(name);
      expect((await play(recording, new HttpStage(server, KUBECTL, recording.files ?? {}))).differences).toEqual([]);
    },
    120_000,
  );
});
