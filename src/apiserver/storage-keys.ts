/** Where the real API server keeps what is not simply under `/registry/<resource>`. */
const SPECIAL: Readonly<Record<string, string>> = {
  nodes: 'minions',
  services: 'services/specs',
  endpoints: 'services/endpoints',
  replicationcontrollers: 'controllers',
  'ingresses.networking.k8s.io': 'ingress',
  'customresourcedefinitions.apiextensions.k8s.io': 'apiextensions.k8s.io/customresourcedefinitions',
  'apiservices.apiregistration.k8s.io': 'apiregistration.k8s.io/apiservices',
};

/** The prefix under which a built-in resource is stored: `/registry/pods/`. */
export const storagePrefix = (kind: { group: string; resource: string }): string =>
  `/registry/${SPECIAL[kind.group ? `${kind.resource}.${kind.group}` : kind.resource] ?? kind.resource}/`;
