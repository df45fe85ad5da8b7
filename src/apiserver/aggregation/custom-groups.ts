import { CustomResourceDefinitionKind } from '../../api/apiextensions/custom-resource-definition.ts';
import { ApiServiceKind } from '../../api/apiregistration/api-service.ts';
import type { ApiService, CustomResourceDefinition } from '../../api/types.ts';
import { CUSTOM_GROUP_PRIORITY } from '../group-priority.ts';
import { Loopback } from '../loopback.ts';
import type { ApiServer } from '../server.ts';
import { storagePrefix } from '../storage-keys.ts';

const DELAY_MS = 2;
const VERSION_PRIORITY = 100;
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/** Says that the APIService is kept as long as there is something to serve. */
const KEPT = 'true';

/**
 * Registers an APIService for every group and version of custom resources, and takes it away when the last definition
 * of them is gone (kube-apiserver's CRD registration controller).
 */
export function registerCustomGroups(server: ApiServer): void {
  const { kernel, etcd } = server;
  const loopback = new Loopback(server);
  const definitions = storagePrefix(CustomResourceDefinitionKind);
  const due = new Set<string>();

  const isServed = (name: string): boolean =>
    etcd.range({ prefix: definitions }).entries.some(({ value }) => {
      const { spec } = value as CustomResourceDefinition;
      return spec.versions.some(({ name: version, served }) => served && `${version}.${spec.group}` === name);
    });

  const sync = (): void => {
    const names = [...due];
    due.clear();
    for (const name of names) {
      const existing = loopback.get(ApiServiceKind, name);
      const served = isServed(name);
      if (served && !existing) loopback.create(ApiServiceKind, apiService(name));
      if (!served && existing?.metadata.labels?.[AUTOMANAGED] === KEPT) loopback.delete(ApiServiceKind, name);
    }
  };

  const look = (name: string): void => {
    due.add(name);
    if (due.size === 1) kernel.after(DELAY_MS, 'kube-apiserver', sync);
  };

  etcd.watch({ prefix: definitions }, (changes) => {
    for (const { type, entry, previous } of changes) {
      const now = type === 'put' ? (entry.value as CustomResourceDefinition) : undefined;
      const before = previous?.value as CustomResourceDefinition | undefined;
      for (const { spec } of [now, before].filter((one) => one !== undefined))
        for (const { name } of spec.versions) look(`${name}.${spec.group}`);
    }
  });
  etcd.watch({ prefix: storagePrefix(ApiServiceKind) }, (changes) => {
    for (const { type, previous } of changes) {
      const gone = type === 'put' ? undefined : (previous?.value as ApiService | undefined);
      if (gone?.metadata.labels?.[AUTOMANAGED] === KEPT) look(gone.metadata.name);
    }
  });
}

function apiService(name: string): object {
  const dot = name.indexOf('.');
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { [AUTOMANAGED]: KEPT } },
    spec: {
      group: name.slice(dot + 1),
      version: name.slice(0, dot),
      groupPriorityMinimum: CUSTOM_GROUP_PRIORITY,
      versionPriority: VERSION_PRIORITY,
    },
  };
}
