import { schemaOf } from '../api/schema/schema.ts';
import type { Mapping } from './discovery.ts';

const SPECIAL: Record<string, string> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  'internal.apiserver.k8s.io': 'io.k8s.api.apiserverinternal',
};

/** Key of a built-in kind's schema; undefined for kinds that the API was extended with. */
export const schemaRef = ({
  group,
  version,
  kind,
}: Pick<Mapping, 'group' | 'version' | 'kind'>): string | undefined => {
  if (group.includes('.') && !group.endsWith('.k8s.io')) return undefined;
  const ref = `${SPECIAL[group] ?? `io.k8s.api.${group.split('.')[0]!}`}.${version}.${kind}`;
  try {
    return schemaOf(ref) ? ref : undefined;
  } catch {
    return undefined;
  }
};
