/** What the real server made of minimal manifests, compared with decoding and completing them here. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { decode, findKind, type UntypedObject } from '../../src/api/index.ts';

interface Recording {
  files: Record<string, string>;
  steps: { run?: string; stdout?: string; stderr?: string }[];
}

const read = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`../recordings/api/defaulting/${name}.json`, import.meta.url), 'utf8')) as Recording;

type Tree = Record<string, unknown>;

/** Takes away what admission and allocation add. */
function comparable(object: Tree): Tree {
  const copy = structuredClone(object);
  const metadata = copy['metadata'] as Tree;
  for (const field of ['uid', 'creationTimestamp', 'generation', 'namespace', 'resourceVersion', 'annotations'])
    delete metadata[field];
  const spec = copy['spec'] as Tree | undefined;
  if (copy['kind'] === 'Pod' && spec) {
    for (const field of ['priority', 'preemptionPolicy', 'serviceAccount', 'serviceAccountName', 'tolerations'])
      delete spec[field];
    const volumes = (spec['volumes'] as Tree[] | undefined)?.filter(
      (volume) => !String(volume['name']).startsWith('kube-api-access'),
    );
    if (volumes?.length) spec['volumes'] = volumes;
    else delete spec['volumes'];
    for (const container of spec['containers'] as Tree[]) {
      const mounts = (container['volumeMounts'] as Tree[] | undefined)?.filter(
        (mount) => !String(mount['name']).startsWith('kube-api-access'),
      );
      if (mounts?.length) container['volumeMounts'] = mounts;
      else delete container['volumeMounts'];
    }
  }
  if (copy['kind'] === 'Service' && spec) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[field];
    for (const port of (spec['ports'] as Tree[] | undefined) ?? []) delete port['nodePort'];
  }
  return copy;
}

describe.each(['pod', 'pod-rich', 'quantities', 'deployment', 'service', 'config'])('%s', (name) => {
  const { files, steps } = read(name);
  for (const { run = '', stdout = '', stderr = '' } of steps) {
    const match =
      /^kubectl create --dry-run=server -o (yaml|jsonpath=\{\.spec\.containers\[0\]\.resources\.limits\}) -f (\S+)$/.exec(
        run,
      ) ?? /^kubectl get (?:cm|secret|sa|svc) (\S+) -o yaml$/.exec(run);
    const file = match?.[2] ?? `${match?.[1] ?? ''}.yaml`;
    if (!match || !(file in files) || stderr.startsWith('Error')) continue;
    const raw = load(files[file]!) as { apiVersion: string; kind: string };
    const [version = '', group = ''] = raw.apiVersion.split('/').reverse();
    const kind = findKind(group, version, raw.kind);
    if (!kind) continue;
    it(file, () => {
      const { object } = decode<UntypedObject>(kind, raw, { fieldValidation: 'Strict' });
      kind.defaults?.(object);
      kind.prepareForCreate?.(object);
      if (match[1]!.startsWith('jsonpath')) {
        const spec = object['spec'] as { containers: { resources: { limits: unknown } }[] };
        expect(spec.containers[0]!.resources.limits).toEqual(JSON.parse(stdout));
      } else {
        expect(comparable(object)).toEqual(comparable(load(stdout) as Tree));
      }
    });
  }
});
