/** What tests of the suite begin with and wait for. */
import { afterAll } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { Refusal, type Resource } from './client.ts';
import { namespaces, serviceAccounts } from './kinds.ts';

/** Longest wait for what must come about, milliseconds of wall time: far more than a slow machine needs. */
const PATIENCE_MS = 25_000;
const PAUSE_MS = 15;

/** Repeats a question until the answer satisfies, and gives that answer. */
export async function until<T>(ask: () => Promise<T>, satisfied: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Waits until an object satisfies. */
export const reaches = <T extends KubeObject>(
  resource: Resource<T>,
  name: string,
  satisfied: (object: T) => boolean,
): Promise<T> => until(() => resource.get(name), satisfied);

/** Whether an object is there. */
export const exists = (resource: Resource<KubeObject>, name: string): Promise<boolean> =>
  resource.get(name).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Refusal && error.code === 404) return false;
      throw error;
    },
  );

/** Waits until an object is gone. */
export const gone = (resource: Resource<KubeObject>, name: string): Promise<boolean> =>
  until(
    () => exists(resource, name),
    (there) => !there,
  );

const left: (() => Promise<unknown>)[] = [];

/** Undoes something when the tests of the file are over, whether or not it still has to be undone. */
export const afterwards = (undo: () => Promise<unknown>): void => {
  left.push(undo);
};

afterAll(async () => {
  for (const undo of left) await undo().catch(() => undefined);
});

/** A namespace of the test's own, with its default ServiceAccount; it is deleted in the end. */
export async function namespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const { metadata } = await namespaces().create({ metadata: { generateName: 'conformance-', labels } });
  afterwards(() => namespaces().delete(metadata.name));
  await until(
    () => exists(serviceAccounts(metadata.name), 'default'),
    (there) => there,
  );
  return metadata.name;
}

let counter = 0;

/** A name that nothing else in the cluster has. */
export const unique = (prefix: string): string =>
  `${prefix}-${process.pid.toString(36)}${(counter++).toString(36)}${Math.random().toString(36).slice(2, 6)}`;

export const PAUSE = 'registry.k8s.io/pause:3.10';
export const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
export const NGINX = 'nginx:1.27';
export const BUSYBOX = 'busybox:1.36';

/** The template of Pods with one container. */
export const template = (labels: Readonly<Record<string, string>>, container: object = {}, spec: object = {}) => ({
  metadata: { labels },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: PAUSE, ...container }], ...spec },
});
