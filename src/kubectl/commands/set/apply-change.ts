import { dryRunFlags, filenameFlags, managerFlags, printFlags, selectorFlags } from '../../cli/flag-sets.ts';
import { build, type Info } from '../../builder.ts';
import { gvrText, resourceName } from '../../discovery.ts';
import { dryRunOf, saidWith } from '../../dry-run.ts';
import { AggregateFailure, CliError } from '../../errors.ts';
import { goJson } from '../../go-json.ts';
import { printerFor } from '../../print/printer.ts';
import type { Session } from '../../session.ts';
import { at, clone, list, withAt, type Obj } from '../../value.ts';
import { patchObject, STRATEGIC_MERGE } from '../../write.ts';
import { podSpecPath } from './pod-template.ts';

export const setFlags = {
  ...printFlags, ...filenameFlags, ...selectorFlags, ...dryRunFlags, ...managerFlags('kubectl-set'),
  all: { type: 'bool' as const },
  local: { type: 'bool' as const },
};

export interface PodSpecChange {
  readonly resources: readonly string[];
  /** `image updated`. */
  readonly operation: string;
  /** Changes a copy of the Pod spec in place; throws an Error that says why it cannot. */
  readonly change: (podSpec: Obj, info: Info) => void;
  readonly refused?: (error: Error) => Error;
}

/** Changes the Pod templates of what the arguments mean, by strategic merge patches. */
export const changePodSpecs = (session: Session, { resources, operation, change, refused }: PodSpecChange): void => {
  const { flags, io } = session;
  const dryRun = dryRunOf(session);
  const local = flags.bool('local');
  const printer = printerFor(session, { operation: saidWith(operation, dryRun), typed: false });
  const { infos, errors } = build(session, {
    args: resources,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    selectAll: flags.bool('all'),
    fetchFiles: !local,
    allowEmptySelector: false,
  });
  if (errors.length > 0) throw errors.length === 1 ? errors[0]! : new AggregateFailure(errors);
  const failures: Error[] = [];
  for (const info of infos) {
    try {
      const path = podSpecPath(info.object);
      if (!path) throw new CliError(`${gvrName(info)}/${info.name} the object is not a pod or does not have a pod template: *v1.${info.mapping.kind}`);
      const before = at(info.object, ...path) as Obj;
      const after = clone(before);
      change(after, info);
      if (goJson(before) === goJson(after)) continue;
      let object = withAt(info.object, path, after);
      if (!local && dryRun !== 'client')
        object = patchObject(session, info, STRATEGIC_MERGE, withAt({}, path, podSpecPatch(before, after)), { dryRun, fieldManager: flags.string('field-manager') });
      io.stdout(printer(object));
    } catch (error) {
      failures.push(refused && !(error instanceof CliError) ? refused(error as Error) : (error as Error));
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0]! : new AggregateFailure(failures);
};

const gvrName = (info: Info): string => (gvrText(info.mapping).startsWith('/') ? info.mapping.resource : resourceName(info.mapping));

/** What changed, as a strategic merge patch: containers by name, everything else by value. */
const podSpecPatch = (before: Obj, after: Obj): Obj => {
  const patch: Obj = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (goJson(before[key] ?? null) === goJson(after[key] ?? null)) continue;
    if (key === 'containers' || key === 'initContainers') patch[key] = containerPatches(list(before, key), list(after, key), key);
    else patch[key] = after[key] ?? null;
  }
  const order = patch['$setElementOrder/containers'] as unknown;
  if (order === undefined && patch['containers']) return { ...orderOf(after, 'containers', patch), ...patch };
  return patch['initContainers'] ? { ...orderOf(after, 'initContainers', patch), ...patch } : patch;
};

const orderOf = (after: Obj, key: string, patch: Obj): Obj => ({
  [`$setElementOrder/${key}`]: list(after, key).map(({ name }) => ({ name })),
  ...(key === 'containers' && patch['initContainers'] ? { '$setElementOrder/initContainers': list(after, 'initContainers').map(({ name }) => ({ name })) } : {}),
});

const containerPatches = (before: readonly Obj[], after: readonly Obj[], _key: string): Obj[] =>
  after.flatMap((container) => {
    const old = before.find(({ name }) => name === container['name']);
    if (!old) return [container];
    const changed: Obj = {};
    for (const key of new Set([...Object.keys(old), ...Object.keys(container)])) {
      if (goJson(old[key] ?? null) === goJson(container[key] ?? null)) continue;
      changed[key] = key === 'env' ? envPatch(list(old, 'env'), list(container, 'env')) : key === 'resources' ? resourcesPatch(old[key], container[key]) : (container[key] ?? null);
    }
    return Object.keys(changed).length > 0 ? [{ name: container['name'], ...changed }] : [];
  });

const envPatch = (before: readonly Obj[], after: readonly Obj[]): Obj[] => [
  ...after.filter((each) => goJson(each) !== goJson(before.find(({ name }) => name === each['name']) ?? null)),
  ...before.filter(({ name }) => !after.some((each) => each['name'] === name)).map(({ name }) => ({ $patch: 'delete', name })),
];

const resourcesPatch = (before: unknown, after: unknown): Obj => {
  const patch: Obj = {};
  for (const kind of ['limits', 'requests']) {
    const old = (at(before, kind) ?? {}) as Obj;
    const now = (at(after, kind) ?? {}) as Obj;
    const changed: Obj = {};
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) if (old[key] !== now[key]) changed[key] = now[key] ?? null;
    if (Object.keys(changed).length > 0) patch[kind] = changed;
  }
  return patch;
};
