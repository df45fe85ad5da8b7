import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { play } from './recording-runner/play.ts';
import { loadRecording, recordingNames } from './recording-runner/recordings.ts';

/** The recordings of a real Kubernetes that ours plays back word for word. The list may only grow. */
const holding = JSON.parse(
  readFileSync(join(import.meta.dirname, 'recording-runner/holding.json'), 'utf8'),
) as string[];

describe('recordings that hold', () => {
  test.each(holding)(
    '%s',
    async (name) => {
      expect((await play(loadRecording(name))).differences).toEqual([]);
    },
    60_000,
  );
});

describe('the list of recordings that hold', () => {
  const others = recordingNames().filter((name) => !holding.includes(name));

  test('names recordings that exist, once each, in order', () => {
    expect(holding.filter((name) => !recordingNames().includes(name))).toEqual([]);
    expect(holding).toEqual([...new Set(holding)].sort());
  });

  test('lacks none that holds (add it: node tests/recording-runner/main.ts --write)', async () => {
    const found: string[] = [];
    for (const name of others) if ((await play(loadRecording(name))).differences.length === 0) found.push(name);
    expect(found).toEqual([]);
  }, 300_000);
});
