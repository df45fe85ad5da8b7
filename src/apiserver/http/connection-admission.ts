/** Connections (exec, attach, port-forward, proxy) go through admission as CONNECT, with options in the place of an object. */
import { equal } from '../../api/draft.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { ObjectKind } from '../admission/admission.ts';
import type { ApiRequest, HttpRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

/** The query parameters that options are made of. */
const PARAMETERS = ['stdin', 'stdout', 'stderr', 'tty', 'container', 'command', 'ports', 'path'];

/** What a connection asks for: PodExecOptions and the like. */
function optionsOf(subresource: string, query: URLSearchParams, path: string): Record<string, unknown> {
  if (subresource === 'portforward') return { ports: query.getAll('ports').map(Number) };
  if (subresource === 'proxy') return { path };
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((name) => query.get(name) === 'true');
  const command = subresource === 'exec' ? { command: query.getAll('command') } : {};
  const container = query.get('container');
  return { ...Object.fromEntries(flags.map((name) => [name, true])), ...(container ? { container } : {}), ...command };
}

/** Options as the query that says them. */
function queryOf(options: Readonly<Record<string, unknown>>, query: URLSearchParams): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const name of PARAMETERS) {
    changed.delete(name);
    const value = options[name];
    const values = Array.isArray(value) ? (value as unknown[]) : value ? [value] : [];
    for (const one of values) changed.append(name, String(one));
  }
  return changed;
}

/**
 * Asks admission about a connection. Returns the request as it is to go on: mutating plugins may have changed what it
 * asks for. Where it goes by proxy is not changed.
 */
export function admitConnection(
  server: ApiServer,
  request: HttpRequest,
  asked: ApiRequest,
  objectKind: ObjectKind,
  query: URLSearchParams,
): HttpRequest {
  const { subresource = '', group, version, resource, namespace = '', name = '', user } = asked;
  const { kind } = server.endpoints.find(group, version, resource)!;
  const path = request.url.split('?')[0]!;
  const options = optionsOf(subresource, query, path.replace(/^.*?\/proxy(?=\/|$)/, ''));
  const object = { apiVersion: 'v1', kind: objectKind.kind, ...options };
  server.admission.connect({
    operation: 'CONNECT',
    kind,
    objectKind,
    subresource,
    namespace,
    name,
    user,
    options: asked.options,
    dryRun: false,
    object: object as unknown as UntypedObject,
    old: undefined,
    warnings: [],
  });
  const { apiVersion: _version, kind: _kind, ...left } = object;
  if (subresource === 'proxy' || equal(left, options)) return request;
  return { ...request, url: `${path}?${queryOf(left, query).toString()}` };
}
