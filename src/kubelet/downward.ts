import { parseQuantity } from '../api/quantity.ts';
import type { Container, Node, Pod } from '../api/types.ts';

/** Labels or annotations as a downward API volume writes them. */
const listed = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.keys(map ?? {})
    .sort()
    .map((key) => `${key}=${JSON.stringify(map![key])}`)
    .join('\n');

/** The value of a field of the Pod: `metadata.name`, `metadata.labels['app']`, `status.podIP`. Undefined when there is no such field. */
export function fieldValue(
  pod: Pod,
  path: string,
  ips: { readonly pod: readonly string[]; readonly host: readonly string[] },
): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid ?? '';
    case 'metadata.labels':
      return listed(pod.metadata.labels);
    case 'metadata.annotations':
      return listed(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'spec.restartPolicy':
      return pod.spec.restartPolicy ?? '';
    case 'status.podIP':
      return ips.pod[0] ?? '';
    case 'status.podIPs':
      return ips.pod.join(',');
    case 'status.hostIP':
      return ips.host[0] ?? '';
    case 'status.hostIPs':
      return ips.host.join(',');
    default:
      return undefined;
  }
}

/** The value of a container's resource, in units of `divisor`, rounded up; a limit that is not set is the node's. */
export function resourceValue(
  container: Container,
  resource: string,
  divisor: string | number | undefined,
  node: Node | undefined,
): string {
  const [kind, ...name] = resource.split('.');
  const key = name.join('.');
  const own = container.resources?.[kind as 'limits' | 'requests']?.[key];
  const value = own ?? (kind === 'limits' ? node?.status?.allocatable?.[key] : undefined) ?? '0';
  const unit = parseQuantity(String(divisor === undefined || String(divisor) === '0' ? '1' : divisor)).asNumber();
  return String(Math.ceil(parseQuantity(String(value)).asNumber() / unit));
}
