import { CronJobKind } from '../../src/api/batch/cron-job.ts';
import { DaemonSetKind } from '../../src/api/apps/daemon-set.ts';
import { StatefulSetKind } from '../../src/api/apps/stateful-set.ts';
import { ResourceQuotaKind } from '../../src/api/core/resource-quota.ts';
import { PodDisruptionBudgetKind } from '../../src/api/policy/pod-disruption-budget.ts';
import {
  DeploymentKind,
  NamespaceKind,
  ServiceKind,
  apiVersionOf,
  type Kind,
  type KubeObject,
} from '../../src/api/index.ts';
import type { Client } from '../../src/client/index.ts';

/** Namespaces in which things go on. */
export const NAMESPACES = ['blue', 'green', 'red', 'yellow'] as const;

export const DEPLOYMENTS = ['web', 'api'] as const;

/** Pods that a namespace may have. */
const POD_QUOTA = 60;
const NARROW_QUOTA = 5;

const template = (app: string, image: string, more: object = {}): object => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image, resources: { requests: { cpu: '50m', memory: '32Mi' } } }], ...more },
});

export function createObject<T extends KubeObject>(client: Client, kind: Kind<T>, object: object): void {
  client.resource(kind).create({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...object } as never);
}

const service = (client: Client, namespace: string, name: string, spec: object): void =>
  createObject(client, ServiceKind, {
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  });

export function createDeployment(client: Client, namespace: string, name: string, replicas: number): void {
  createObject(client, DeploymentKind, {
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, 'nginx:1.27') },
  });
}

export function createStatefulSet(client: Client, namespace: string): void {
  createObject(client, StatefulSetKind, {
    metadata: { name: 'db', namespace },
    spec: {
      replicas: 3,
      serviceName: 'db',
      podManagementPolicy: namespace === 'red' ? 'Parallel' : 'OrderedReady',
      selector: { matchLabels: { app: 'db' } },
      template: template('db', 'postgres:17', { terminationGracePeriodSeconds: 5 }),
    },
  });
}

const createQuota = (client: Client, namespace: string, pods: number): void =>
  createObject(client, ResourceQuotaKind, {
    metadata: { name: 'pods', namespace },
    spec: { hard: { pods: String(pods), 'requests.cpu': '4' } },
  });

/** A namespace with a Deployment that would like more Pods than it may have. */
export function createNarrowNamespace(client: Client): void {
  createObject(client, NamespaceKind, { metadata: { name: 'narrow' } });
  createQuota(client, 'narrow', NARROW_QUOTA);
  createDeployment(client, 'narrow', 'greedy', 2 * NARROW_QUOTA);
}

/** A namespace with a bit of everything. */
export function createNamespace(client: Client, namespace: string): void {
  createObject(client, NamespaceKind, { metadata: { name: namespace } });
  createQuota(client, namespace, POD_QUOTA);
  for (const [i, name] of DEPLOYMENTS.entries()) {
    createDeployment(client, namespace, name, 3 + i);
    service(client, namespace, name, {});
  }
  createStatefulSet(client, namespace);
  service(client, namespace, 'db', { clusterIP: 'None' });
  createObject(client, PodDisruptionBudgetKind, {
    metadata: { name: 'web', namespace },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  });
  createObject(client, CronJobKind, {
    metadata: { name: 'tick', namespace },
    spec: {
      schedule: '*/30 * * * *',
      concurrencyPolicy: 'Replace',
      jobTemplate: {
        spec: {
          activeDeadlineSeconds: 300,
          ttlSecondsAfterFinished: 1200,
          template: template('tick', 'busybox:1', { restartPolicy: 'Never' }),
        },
      },
    },
  });
}

/** What runs on every node. */
export function createAgents(client: Client): void {
  createObject(client, DaemonSetKind, {
    metadata: { name: 'agent', namespace: 'kube-system' },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent', 'agent:1') },
  });
}
