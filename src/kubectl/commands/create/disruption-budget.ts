import { SelectorError, SelectorParser } from '../../../api/selector-parser.ts';
import type { Requirement } from '../../../api/selector.ts';
import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { Session } from '../../session.ts';
import type { Obj } from '../../value.ts';
import { createGenerated, generatorFlags, nameArg } from './generate.ts';

export const createDisruptionBudget: Command = {
  name: 'poddisruptionbudget',
  aliases: ['pdb'],
  short: 'Create a pod disruption budget with the specified name',
  usage:
    'kubectl create poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none] [options]',
  flags: {
    ...generatorFlags,
    'max-unavailable': { type: 'string' },
    'min-available': { type: 'string' },
    selector: { type: 'string' },
  },
  run: (session) => {
    const { flags } = session;
    const name = nameArg(session);
    if (flags.string('selector') === '') throw new CliError('a selector must be specified');
    const minAvailable = countOf(session, 'min-available');
    const maxUnavailable = countOf(session, 'max-unavailable');
    if (minAvailable === undefined && maxUnavailable === undefined)
      throw new CliError('one of min-available or max-unavailable must be specified');
    if (minAvailable !== undefined && maxUnavailable !== undefined)
      throw new CliError('min-available and max-unavailable cannot be both specified');
    createGenerated(
      session,
      {
        group: 'policy',
        version: 'v1',
        kind: 'PodDisruptionBudget',
        resource: 'poddisruptionbudgets',
        namespaced: true,
      },
      {
        metadata: { name },
        spec: {
          ...(minAvailable === undefined ? {} : { minAvailable }),
          selector: selectorOf(flags.string('selector')),
          ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
        },
        status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
      },
      'failed to create poddisruptionbudgets',
    );
  },
};

/** `2` or `50%`. */
const countOf = ({ flags }: Session, flag: string): number | string | undefined => {
  const given = flags.string(flag);
  if (given === '') return undefined;
  if (!/^\d+%?$/.test(given)) throw new CliError(`invalid format specified for ${flag}`);
  return given.endsWith('%') ? given : Number(given);
};

const EXPRESSIONS: Readonly<Record<string, string>> = {
  in: 'In',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** The text of a selector as an object's. */
const selectorOf = (given: string): Obj => {
  let requirements: readonly Requirement[];
  try {
    requirements = new SelectorParser(given).parse();
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    const reason = error.message.replace(/^unable to parse requirement: /, '');
    throw new CliError(`couldn't parse the selector string ${goQuote(given)}: ${reason}`);
  }
  const matchLabels: Record<string, string> = {};
  const matchExpressions: Obj[] = [];
  for (const { key, operator, values } of requirements) {
    if (operator === '=') {
      matchLabels[key] = values[0] ?? '';
      continue;
    }
    const expression = EXPRESSIONS[operator];
    if (expression === undefined) throw new CliError(`${goQuote(operator)} is not a valid label selector operator`);
    matchExpressions.push({ key, operator: expression, ...(values.length > 0 ? { values: [...values].sort() } : {}) });
  }
  return {
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  };
};
