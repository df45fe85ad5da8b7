import { goValue } from '../../api/go-text.ts';
import { allNamespacesFlags, fieldSelectorFlags, filenameFlags, printFlags, selectorFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { pathOf, resourceName } from '../discovery.ts';
import { AggregateFailure, CliError, isNotFound } from '../errors.ts';
import { JsonPath, relaxedJsonPath } from '../../api/jsonpath/evaluate.ts';
import { goQuote } from '../go-format.ts';
import { printerFor } from '../print/printer.ts';
import type { Session } from '../session.ts';
import { list, text, type Obj } from '../value.ts';
import { EventStream } from '../wait-stream.ts';
import { gone } from './delete.ts';

export const waitCommand: Command = {
  name: 'wait',
  short: 'Wait for a specific condition on one or many resources',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...selectorFlags,
    ...fieldSelectorFlags,
    ...allNamespacesFlags,
    recursive: { type: 'bool', short: 'R', default: true },
    all: { type: 'bool' },
    for: { type: 'array' },
    local: { type: 'bool' },
    timeout: { type: 'duration', default: 30_000 },
  },
  run: (session) => wait(session),
};

type Condition =
  | { readonly type: 'delete' }
  | { readonly type: 'create' }
  | { readonly type: 'met'; readonly holds: (object: Obj) => boolean };

const WEEK_MS = 7 * 24 * 3_600_000;

const wait = async (session: Session): Promise<void> => {
  const { flags, io } = session;
  const condition = conditionOf(flags.list('for'));
  const printer = printerFor(session, { operation: 'condition met' });
  const given = flags.int('timeout');
  const end = io.now() + (given < 0 ? WEEK_MS : given);
  const options = {
    args: session.args,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    selectAll: flags.bool('all'),
    allNamespaces: flags.bool('all-namespaces'),
  };
  let { infos, errors } = build(session, options);
  if (condition.type === 'create') {
    while (infos.length === 0 || errors.some(isNotFound)) {
      if (io.now() >= end) throw new CliError('timed out waiting for the condition');
      await io.sleep(Math.min(500, Math.max(1, end - io.now())));
      ({ infos, errors } = build(session, options));
    }
    for (const info of infos) io.stdout(printer(info.object));
    return;
  }
  if (condition.type === 'delete') errors = errors.filter((error) => !isNotFound(error));
  if (errors.length > 0) throw errors.length === 1 ? errors[0]! : new AggregateFailure(errors);
  if (infos.length === 0) {
    if (condition.type === 'delete') return;
    throw new CliError('no matching resources found');
  }
  const failures: Error[] = [];
  for (const info of infos) {
    try {
      if (condition.type === 'delete') {
        await gone(session, info, text(info.object, 'metadata', 'uid'), end);
        io.stdout(printer(info.object));
      } else io.stdout(printer(await met(session, info, condition.holds, end, given)));
    } catch (error) {
      failures.push(error as Error);
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0]! : new AggregateFailure(failures);
};

const conditionOf = (given: readonly string[]): Condition => {
  if (given.length === 0) throw new CliError('unrecognized condition: []');
  const [first = ''] = given;
  if (first.toLowerCase() === 'delete') return { type: 'delete' };
  if (first.toLowerCase() === 'create') return { type: 'create' };
  if (first.startsWith('condition=')) {
    const [name = '', value = 'true'] = first.slice('condition='.length).split('=');
    return { type: 'met', holds: (object) => conditionHolds(object, name, value) };
  }
  if (first.startsWith('jsonpath=')) return { type: 'met', holds: jsonPathHolds(first.slice('jsonpath='.length)) };
  throw new CliError(`unrecognized condition: ${goQuote(first)}`);
};

const conditionHolds = (object: Obj, name: string, value: string): boolean => {
  const found = list(object, 'status', 'conditions').find(
    (each) => text(each, 'type').toLowerCase() === name.toLowerCase(),
  );
  if (!found) return false;
  // A condition of an older generation says nothing about this one.
  const observed = found['observedGeneration'] ?? (object['status'] as Obj | undefined)?.['observedGeneration'];
  const generation = (object['metadata'] as Obj)['generation'];
  if (typeof observed === 'number' && typeof generation === 'number' && observed < generation) return false;
  return text(found, 'status').toLowerCase() === value.toLowerCase();
};

const jsonPathHolds = (spec: string): ((object: Obj) => boolean) => {
  const closing = spec.lastIndexOf('}');
  const split = closing >= 0 ? spec.indexOf('=', closing) : spec.startsWith('{') ? -1 : spec.indexOf('=');
  const expression = split < 0 ? spec : spec.slice(0, split);
  const wanted =
    split < 0
      ? undefined
      : spec
          .slice(split + 1)
          .replace(/^'(.*)'$/s, '$1')
          .replace(/^"(.*)"$/s, '$1');
  if (spec === '') throw new CliError('jsonpath expression cannot be empty');
  if (split >= 0 && spec.slice(split + 1) === '')
    throw new CliError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  if (wanted === '') throw new CliError('jsonpath wait value cannot be empty');
  let path: JsonPath;
  try {
    path = new JsonPath(relaxedJsonPath(expression), { allowMissingKeys: true });
  } catch (error) {
    throw new CliError((error as Error).message);
  }
  return (object) => {
    const values = path.find(object).flat();
    if (values.length === 0) return false;
    if (values.length > 1) throw new CliError('given jsonpath expression matches more than one value');
    if (wanted === undefined) return true;
    if (typeof values[0] === 'object' && values[0] !== null)
      throw new CliError('jsonpath leads to a nested object or list which is not supported');
    return goValue(values[0]) === wanted;
  };
};

const met = async (
  session: Session,
  info: Info,
  holds: (object: Obj) => boolean,
  end: number,
  timeoutMs: number,
): Promise<Obj> => {
  const name = `${info.mapping.resource}/${info.name}`;
  let { object } = info;
  if (holds(object)) return object;
  if (timeoutMs === 0) throw new CliError(`condition not met for ${name}`);
  for (;;) {
    const left = end - session.io.now();
    if (left <= 0) throw new CliError(`timed out waiting for the condition on ${name}`);
    const stream = new EventStream(
      session.rest,
      session.io,
      pathOf(info.mapping, info.namespace),
      {
        query: {
          watch: true,
          resourceVersion: text(object, 'metadata', 'resourceVersion'),
          fieldSelector: `metadata.name=${info.name}`,
        },
      },
      left,
    );
    try {
      for (let event = await stream.next(); event; event = await stream.next()) {
        if (event.type === 'ERROR') break;
        if (event.type === 'BOOKMARK') continue;
        object = event.object;
        if (event.type === 'DELETED')
          throw new CliError(
            `Error from server (NotFound): ${resourceName(info.mapping)} ${goQuote(info.name)} not found`,
          );
        if (holds(object)) return object;
      }
    } finally {
      stream.close();
    }
    if (session.io.signal?.aborted) throw new CliError('interrupted', 130);
  }
};
