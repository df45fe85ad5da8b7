import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { KubeSchedulerConfiguration } from '../scheduler/index.ts';
import { FlagError } from './flags.ts';

const API_VERSION = 'kubescheduler.config.k8s.io/v1';
const KIND = 'KubeSchedulerConfiguration';

/** Reads the file that `--scheduler-config` names; throws FlagError when it is none. */
export function readSchedulerConfig(path: string): KubeSchedulerConfiguration {
  const refuse = (why: string): FlagError => new FlagError(`--scheduler-config ${path}: ${why}`);
  let document: unknown;
  try {
    document = load(readFileSync(path, 'utf8'));
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const configuration = document as KubeSchedulerConfiguration | undefined;
  if (configuration?.kind !== KIND || configuration.apiVersion !== API_VERSION) {
    throw refuse(`it needs to be a ${KIND} of ${API_VERSION}.`);
  }
  return configuration;
}
