/**
 * A few of the recordings with the real kubectl and bash over HTTP, two clusters' worth of them at once. All of them:
 * `node tests/recording-runner/http.ts`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKubectl, minorVersion, WANTED_MINOR } from '../scripts/kubectl.ts';
import { startClusterServer, type ClusterServer } from '../src/server/index.ts';
import { HttpStage } from './recording-runner/http-stage.ts';
import { play } from './recording-runner/play.ts';
import { loadRecording } from './recording-runner/recordings.ts';

const SAMPLE = [
  'api/apply/server-side',
  'api/patch/strategic',
  'api/reads/paging',
  'controllers/deployment-create',
  'kubectl/create-job',
  'api/reads/get-output',
];

let kubectl: string;
let server: ClusterServer;

beforeAll(async () => {
  kubectl = findKubectl();
  server = await startClusterServer({ port: 0, nodes: 3, seed: 1, runtime: 'instant' });
});

afterAll(() => server.close());

describe('recordings with the real kubectl, in namespaces of one cluster', () => {
  test('the kubectl at hand is one that words its answers as the recorded one did', () => {
    expect(minorVersion(kubectl)).toBe(WANTED_MINOR);
  });

  test.concurrent.each(SAMPLE)(
    '%s',
    async (name) => {
      const recording = loadRecording(name);
      expect((await play(recording, new HttpStage(server, kubectl, recording.files ?? {}))).differences).toEqual([]);
    },
    120_000,
  );
});
