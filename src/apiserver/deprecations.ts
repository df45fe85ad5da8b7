import type { Kind } from '../api/kind.ts';

/** What the server says to whoever uses an API that will go, by `group/version/resource`. */
const WARNINGS: Readonly<Record<string, string>> = {
  '/v1/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

export const deprecationOf = ({ group, version, resource }: Kind): string | undefined => WARNINGS[`${group}/${version}/${resource}`];
