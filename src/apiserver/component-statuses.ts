import type { UntypedObject } from '../api/object.ts';
import type { ApiServer } from './server.ts';

/** The components of a control plane and what the API server asks them by, in the order in which it tells of them. */
const COMPONENTS = [
  { name: 'scheduler', component: 'kube-scheduler', url: 'https://127.0.0.1:10259/healthz' },
  { name: 'controller-manager', component: 'kube-controller-manager', url: 'https://127.0.0.1:10257/healthz' },
  { name: 'etcd-0', component: undefined, url: '' },
] as const;

const refused = (url: string): string =>
  `Get ${JSON.stringify(url)}: dial tcp ${new URL(url).host}: connect: connection refused`;

/** Answers for ComponentStatuses, which are asked for anew at every read and never stored. */
export function serveComponentStatuses(server: ApiServer): void {
  const endpoint = server.endpoints.find('', 'v1', 'componentstatuses');
  if (!endpoint) return;
  const computed = (): UntypedObject[] =>
    COMPONENTS.map(({ name, component, url }) => {
      const healthy = component === undefined || server.isComponentRunning(component);
      const condition = healthy
        ? { type: 'Healthy', status: 'True', message: 'ok' }
        : { type: 'Healthy', status: 'False', message: refused(url) };
      return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] };
    });
  server.endpoints.add({ ...endpoint, computed });
}
