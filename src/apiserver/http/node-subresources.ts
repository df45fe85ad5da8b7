import { badRequest, notFound } from '../../api/errors.ts';
import type { ObjectKind } from '../admission/admission.ts';
import type { Pod } from '../../api/types.ts';
import type { ApiRequest, HttpRequest, HttpResponse, UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { admitConnection } from './connection-admission.ts';
import { textAnswer } from './health.ts';
import type { ResourcePath } from './path.ts';

/** Subresources of Pods that the kubelet of their node answers: what discovery says of them. */
export const NODE_SUBRESOURCES = [
  { name: 'attach', verbs: ['create', 'get'], kind: { group: '', version: 'v1', kind: 'PodAttachOptions' } },
  { name: 'exec', verbs: ['create', 'get'], kind: { group: '', version: 'v1', kind: 'PodExecOptions' } },
  { name: 'log', verbs: ['get'], kind: { group: '', version: 'v1', kind: 'Pod' } },
  { name: 'portforward', verbs: ['create', 'get'], kind: { group: '', version: 'v1', kind: 'PodPortForwardOptions' } },
  {
    name: 'proxy',
    verbs: ['create', 'delete', 'get', 'patch', 'update'],
    kind: { group: '', version: 'v1', kind: 'PodProxyOptions' },
  },
] as const;

const NAMES: ReadonlySet<string> = new Set(NODE_SUBRESOURCES.map(({ name }) => name));

export const isNodeSubresource = ({ group, resource, subresource }: ResourcePath): boolean =>
  group === '' && resource === 'pods' && subresource !== undefined && NAMES.has(subresource);

/** What a connection is described by: PodExecOptions and the like. */
const kindOf = (subresource: string): ObjectKind => NODE_SUBRESOURCES.find(({ name }) => name === subresource)!.kind;

/** Passes a log, exec, attach, port-forward or proxy request on to the node of its Pod. */
export function nodeAnswer(
  server: ApiServer,
  request: HttpRequest,
  place: ResourcePath,
  query: URLSearchParams,
  user: UserInfo,
  userAgent: string,
): HttpResponse {
  const { namespace, name = '', subresource = '' } = place;
  const verb = subresource === 'log' || request.method === 'GET' ? 'get' : 'create';
  const asked: ApiRequest = {
    verb,
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource,
    namespace,
    name,
    user,
    userAgent,
    options: {},
  };
  server.authorize(asked);
  const pod = server.endpoints.find('', 'v1', 'pods')?.store.get(namespace, name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  if (subresource === 'log' || subresource === 'exec' || subresource === 'attach') checkContainer(pod, query);
  const admitted =
    subresource === 'log' ? request : admitConnection(server, request, asked, kindOf(subresource), query);
  if (!pod.spec.nodeName) {
    if (subresource === 'log') return textAnswer('');
    throw badRequest(`pod ${name} does not have a host assigned`);
  }
  if (!server.nodeProxy)
    throw badRequest(`no node answers for pod ${name}: this API server has no way to the kubelets`);
  return server.nodeProxy.pod(pod, subresource, admitted);
}

/** The container of the query must be one of the Pod's; without one the Pod must leave no choice. */
function checkContainer({ metadata, spec }: Pod, query: URLSearchParams): void {
  const names = (list: readonly { name: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name);
  const containers = names(spec.containers);
  const init = names(spec.initContainers);
  const ephemeral = names(spec.ephemeralContainers);
  const asked = query.get('container') ?? '';
  if (asked) {
    if ([...containers, ...init, ...ephemeral].includes(asked)) return;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  if (containers.length <= 1 || metadata.annotations?.['kubectl.kubernetes.io/default-container']) return;
  const choices =
    `choose one of: [${containers.join(' ')}]` +
    (init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '') +
    (ephemeral.length > 0 ? ` or one of the ephemeral containers: [${ephemeral.join(' ')}]` : '');
  throw badRequest(`a container name must be specified for pod ${metadata.name}, ${choices}`);
}
