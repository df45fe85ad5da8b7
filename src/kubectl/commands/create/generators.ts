import { parseQuantity, QuantityError } from '../../../api/quantity.ts';
import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import { createConfigMap, createSecret } from './config.ts';
import { createDisruptionBudget } from './disruption-budget.ts';
import { createGenerated, generatorFlags, nameArg } from './generate.ts';
import { createIngress } from './ingress.ts';
import { createClusterRole, createClusterRoleBinding, createRole, createRoleBinding, createToken } from './rbac.ts';
import { createService } from './service.ts';
import { createCronJob, createDeployment, createJob } from './workloads.ts';

const createNamespace: Command = {
  name: 'namespace',
  aliases: ['ns'],
  short: 'Create a namespace with the specified name',
  flags: generatorFlags,
  run: (session) =>
    createGenerated(
      session,
      { group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false },
      { metadata: { name: nameArg(session) }, spec: {}, status: {} },
      undefined,
    ),
};

const createServiceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  short: 'Create a service account with the specified name',
  flags: generatorFlags,
  run: (session) =>
    createGenerated(
      session,
      { group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', namespaced: true },
      { metadata: { name: nameArg(session) } },
      'failed to create serviceaccount',
    ),
};

const quantityText = (given: string): string => {
  try {
    return parseQuantity(given).toString();
  } catch (error) {
    if (error instanceof QuantityError) throw new CliError(error.message);
    throw error;
  }
};

const createQuota: Command = {
  name: 'quota',
  aliases: ['resourcequota'],
  short: 'Create a quota with the specified name',
  flags: { ...generatorFlags, hard: { type: 'string' }, scopes: { type: 'string' } },
  run: (session) => {
    const name = nameArg(session);
    const hard: Record<string, string> = {};
    for (const pair of session.flags.string('hard').split(',').filter(Boolean)) {
      const parts = pair.split('=');
      if (parts.length !== 2) throw new CliError(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
      hard[parts[0]!] = quantityText(parts[1]!);
    }
    const scopes = session.flags.string('scopes').split(',').filter(Boolean);
    createGenerated(
      session,
      { group: '', version: 'v1', kind: 'ResourceQuota', resource: 'resourcequotas', namespaced: true },
      {
        metadata: { name },
        spec: { ...(Object.keys(hard).length > 0 ? { hard } : {}), ...(scopes.length > 0 ? { scopes } : {}) },
        status: {},
      },
      'failed to create quota',
    );
  },
};

const createPriorityClass: Command = {
  name: 'priorityclass',
  aliases: ['pc'],
  short: 'Create a priority class with the specified name',
  flags: {
    ...generatorFlags,
    value: { type: 'int' },
    'global-default': { type: 'bool' },
    description: { type: 'string' },
    'preemption-policy': { type: 'string', default: 'PreemptLowerPriority' },
  },
  run: (session) => {
    const { flags } = session;
    const name = nameArg(session);
    createGenerated(
      session,
      {
        group: 'scheduling.k8s.io',
        version: 'v1',
        kind: 'PriorityClass',
        resource: 'priorityclasses',
        namespaced: false,
      },
      {
        metadata: { name },
        value: flags.int('value'),
        ...(flags.bool('global-default') ? { globalDefault: true } : {}),
        ...(flags.string('description') ? { description: flags.string('description') } : {}),
        preemptionPolicy: flags.string('preemption-policy'),
      },
      'failed to create priorityclass',
    );
  },
};

/** `kubectl create TYPE`. */
export const generators: readonly Command[] = [
  createClusterRole,
  createClusterRoleBinding,
  createConfigMap,
  createCronJob,
  createDeployment,
  createDisruptionBudget,
  createIngress,
  createJob,
  createNamespace,
  createPriorityClass,
  createQuota,
  createRole,
  createRoleBinding,
  createSecret,
  createService,
  createServiceAccount,
  createToken,
];
