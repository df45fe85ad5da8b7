import { dryRunFlags, filenameFlags, managerFlags, printFlags, selectorFlags } from '../../cli/flag-sets.ts';
import { build, type Info } from '../../builder.ts';
import { gvrText, resourceName } from '../../discovery.ts';
import { dryRunOf, saidWith } from '../../dry-run.ts';
import { AggregateFailure, CliError } from '../../errors.ts';
import { goJson } from '../../../api/go-text.ts';
import { printerFor } from '../../print/printer.ts';
import type { Session } from '../../session.ts';
import { twoWayPatch } from '../../three-way.ts';
import { at, clone, withAt, type Obj } from '../../value.ts';
import { patchObject, STRATEGIC_MERGE } from '../../write.ts';
import { asGoHasIt, podSpecPath } from './pod-template.ts';

export const setFlags = {
  ...printFlags,
  ...filenameFlags,
  ...selectorFlags,
  ...dryRunFlags,
  ...managerFlags('kubectl-set'),
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
  /** `change` has printed what was asked for: nothing is written. */
  readonly listsOnly?: boolean;
}

/** Changes the Pod templates of what the arguments mean, by strategic merge patches. */
export const changePodSpecs = (
  session: Session,
  { resources, operation, change, refused, listsOnly = false }: PodSpecChange,
): void => {
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
    local,
    allowEmptySelector: false,
  });
  if (errors.length > 0) throw errors.length === 1 ? errors[0]! : new AggregateFailure(errors);
  const failures: Error[] = [];
  for (const info of infos) {
    try {
      const path = podSpecPath(info.object);
      if (!path) throw withoutTemplate(info);
      const before = at(info.object, ...path) as Obj;
      const after = clone(before);
      change(after, info);
      if (listsOnly) continue;
      if (goJson(before) === goJson(after)) continue;
      let object = withAt(info.object, path, after);
      if (!local && dryRun !== 'client')
        object = patchObject(session, info, STRATEGIC_MERGE, twoWayPatch(info.mapping, info.object, object), {
          dryRun,
          fieldManager: flags.string('field-manager'),
        });
      io.stdout(printer(local ? asGoHasIt(object) : object));
    } catch (error) {
      failures.push(refused && !(error instanceof CliError) ? refused(error as Error) : (error as Error));
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0]! : new AggregateFailure(failures);
};

export const withoutTemplate = (info: Info): CliError =>
  new CliError(
    `${gvrName(info)}/${info.name} the object is not a pod or does not have a pod template: *v1.${info.mapping.kind}`,
  );

const gvrName = (info: Info): string =>
  gvrText(info.mapping).startsWith('/') ? info.mapping.resource : resourceName(info.mapping);
