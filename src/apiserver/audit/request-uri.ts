import type { ApiRequest, RequestOptions } from '../request.ts';

/** Options in the order in which clients write them; what is not here is no part of an address. */
const PARAMETERS: readonly (keyof RequestOptions)[] = [
  'allowWatchBookmarks',
  'continue',
  'dryRun',
  'fieldManager',
  'fieldSelector',
  'fieldValidation',
  'force',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
];

/** The path and query of a request: as it came, or as a client in another process would have written it. */
export function requestUri({ origin, ...request }: ApiRequest): string {
  if (origin) return origin.url;
  const { group, version, namespace, resource, name, subresource, options, verb } = request;
  const segments = group ? ['apis', group, version] : ['api', version];
  if (namespace) segments.push('namespaces', namespace);
  segments.push(resource);
  if (name && (verb !== 'create' || subresource)) segments.push(name);
  if (subresource) segments.push(subresource);
  const query = new URLSearchParams();
  for (const parameter of PARAMETERS) {
    const value = options[parameter];
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) query.append(parameter, String(one));
  }
  if (verb === 'watch') query.append('watch', 'true');
  const text = query.toString();
  return `/${segments.join('/')}${text ? `?${text}` : ''}`;
}
