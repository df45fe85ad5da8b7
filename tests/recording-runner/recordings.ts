import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recording } from './play.ts';

const ROOT = join(import.meta.dirname, '../recordings');
const FOLDERS = ['api', 'controllers', 'kubectl', 'scheduler'];

/** The names of the recordings that are command lines: `kubectl/get-pods`. */
export const recordingNames = (): string[] =>
  FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json') && !path.endsWith('.scores.json'))
      .map((path) => `${folder}/${path.slice(0, -'.json'.length)}`),
  ).sort();

export const loadRecording = (name: string): Recording =>
  JSON.parse(readFileSync(join(ROOT, `${name}.json`), 'utf8')) as Recording;
