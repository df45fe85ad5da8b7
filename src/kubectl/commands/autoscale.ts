import { parseQuantity, QuantityError } from '../../api/quantity.ts';
import { build, type Info } from '../builder.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlags, filenameFlags, managerFlags, printFlags } from '../cli/flag-sets.ts';
import { gvrText, versionOf } from '../discovery.ts';
import { dryRunOf, saidWith, type DryRun } from '../dry-run.ts';
import { CliError, combine } from '../errors.ts';
import { withLastApplied } from '../last-applied.ts';
import { printerFor } from '../print/printer.ts';
import type { Session } from '../session.ts';
import type { Obj } from '../value.ts';
import { createObject } from '../write.ts';
import { mappingOf } from './create/generate.ts';

export const autoscaleCommand: Command = {
  name: 'autoscale',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  usage:
    'kubectl autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY] [options]',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...dryRunFlags,
    ...managerFlags('kubectl-autoscale'),
    cpu: { type: 'string' },
    'cpu-percent': {
      type: 'int',
      default: -1,
      deprecated:
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
    },
    max: { type: 'int', default: -1 },
    memory: { type: 'string' },
    min: { type: 'int', default: -1 },
    name: { type: 'string' },
    'save-config': { type: 'bool' },
  },
  required: ['max'],
  run: (session) => autoscale(session),
};

const KIND = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler', resource: 'horizontalpodautoscalers' };
const V2 = mappingOf({ ...KIND, version: 'v2', namespaced: true });
const V1 = mappingOf({ ...KIND, version: 'v1', namespaced: true });

/** What a resource should be used: percent of the request, or an amount for each Pod. */
type Target =
  | { readonly type: 'Utilization'; readonly averageUtilization: number }
  | { readonly type: 'AverageValue'; readonly averageValue: string };

/** `70%`, `500m`; a number without a unit is in the resource's usual one. Undefined for 0%, which aims at nothing. */
const parseTarget = (resource: string, given: string, unit: string): Target | undefined => {
  if (given === '') throw new CliError('empty input');
  if (given.endsWith('%')) {
    const percent = given.slice(0, -1);
    if (!/^\+?\d+$/.test(percent)) throw new CliError(`invalid percentage value: ${percent}`);
    const averageUtilization = Number(percent);
    return averageUtilization > 0 ? { type: 'Utilization', averageUtilization } : undefined;
  }
  try {
    const amount = parseQuantity(/^[-+]?[\d.]+$/.test(given) ? `${given}${unit}` : given);
    return { type: 'AverageValue', averageValue: amount.toString() };
  } catch (error) {
    if (error instanceof QuantityError) throw new CliError(`invalid resource ${resource} value: ${given}`);
    throw error;
  }
};

const RESOURCES = [
  ['cpu', 'm'],
  ['memory', 'Mi'],
] as const;

const check = (session: Session): void => {
  const { flags } = session;
  const max = flags.int('max');
  const min = flags.int('min');
  if (max < 1) throw new CliError(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
  if (max < min) throw new CliError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
  if (flags.changed('cpu-percent') && flags.string('cpu'))
    throw new CliError('--cpu-percent and --cpu are mutually exclusive');
};

const autoscale = (session: Session): void => {
  const { flags, io } = session;
  const dryRun = dryRunOf(session);
  check(session);
  const { infos, errors } = build(session, {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
  });
  const operation = dryRun === 'client' ? 'created (dry run)' : saidWith('autoscaled', dryRun);
  const printer = printerFor(session, { operation, typed: dryRun === 'client' });
  const failures = [...errors];
  let count = 0;
  for (const info of infos) {
    try {
      io.stdout(printer(create(session, info, dryRun)));
      count++;
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
  if (count === 0) throw new CliError('no objects passed to autoscale');
};

const create = (session: Session, info: Info, dryRun: DryRun): Obj => {
  const { mapping } = info;
  if (!mapping.subresources.includes('scale'))
    throw new CliError(
      `cannot autoscale a ${mapping.kind}: could not find scale subresource for ${gvrText(mapping)} in discovery information`,
    );
  const object = saved(session, newerVersion(session, info));
  if (dryRun === 'client') return object;
  const options = { dryRun, fieldManager: session.flags.string('field-manager') };
  try {
    return createObject(session, V2, info.namespace, object, options);
  } catch {
    return createObject(session, V1, info.namespace, saved(session, olderVersion(session, info)), options);
  }
};

const saved = (session: Session, object: Obj): Obj =>
  session.flags.bool('save-config') ? withLastApplied(object, true) : object;

/** What both versions have. */
const common = ({ flags }: Session, { mapping, name }: Info): { readonly metadata: Obj; readonly spec: Obj } => ({
  metadata: { name: flags.string('name') || name },
  spec: {
    scaleTargetRef: { kind: mapping.kind, name, apiVersion: versionOf(mapping.group, mapping.version) },
    ...(flags.int('min') > 0 ? { minReplicas: flags.int('min') } : {}),
    maxReplicas: flags.int('max'),
  },
});

const newerVersion = (session: Session, info: Info): Obj => {
  const { flags } = session;
  const { metadata, spec } = common(session, info);
  const metrics: Obj[] = [];
  if (flags.int('cpu-percent') >= 0)
    metrics.push(resourceMetric('cpu', { type: 'Utilization', averageUtilization: flags.int('cpu-percent') }));
  for (const [name, unit] of RESOURCES) {
    const given = flags.string(name);
    const target = given === '' ? undefined : parseTarget(name, given, unit);
    if (target) metrics.push(resourceMetric(name, target));
  }
  return {
    kind: KIND.kind,
    apiVersion: 'autoscaling/v2',
    metadata,
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}) },
    status: { desiredReplicas: 0, currentMetrics: null },
  };
};

const resourceMetric = (name: string, target: Target): Obj => ({ type: 'Resource', resource: { name, target } });

/** For servers that do not know the newer version; it has nothing but a share of the CPU to aim at. */
const olderVersion = (session: Session, info: Info): Obj => {
  const { flags } = session;
  const { metadata, spec } = common(session, info);
  let target: Target | undefined;
  try {
    target = parseTarget('cpu', flags.string('cpu'), 'm');
  } catch (error) {
    throw incompatible((error as Error).message);
  }
  // The real one wraps an error here that it does not have.
  if (target?.type === 'AverageValue' || flags.string('memory') !== '') throw incompatible('%!w(<nil>)');
  return {
    kind: KIND.kind,
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { ...spec, ...(target ? { targetCPUUtilizationPercentage: target.averageUtilization } : {}) },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  };
};

const incompatible = (reason: string): CliError =>
  new CliError(
    `failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: ${reason}`,
  );
