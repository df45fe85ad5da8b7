import type { Command } from '../cli/command.ts';
import { goJson } from '../../api/go-text.ts';
import type { Session } from '../session.ts';
import { list, text, type Obj } from '../value.ts';

/** What a dump tells of each namespace, in its order. */
const KINDS = [
  ['/api/v1', 'events'],
  ['/api/v1', 'replicationcontrollers'],
  ['/api/v1', 'services'],
  ['/apis/apps/v1', 'daemonsets'],
  ['/apis/apps/v1', 'deployments'],
  ['/apis/apps/v1', 'replicasets'],
  ['/api/v1', 'pods'],
] as const;

const show = ({ io }: Session, object: Obj): void => io.stdout(`${goJson(object, { indent: '    ' })}\n`);

const dump = (session: Session): void => {
  const { flags, rest, io } = session;
  show(session, rest.get('/api/v1/nodes'));
  const given = flags.list('namespaces');
  const namespaces = flags.bool('all-namespaces')
    ? list(rest.get('/api/v1/namespaces'), 'items').map((each) => text(each, 'metadata', 'name'))
    : given.length > 0
      ? given
      : [...new Set(['kube-system', session.namespace])];
  for (const namespace of namespaces)
    for (const [path, resource] of KINDS) show(session, rest.get(`${path}/namespaces/${namespace}/${resource}`));
  for (const namespace of namespaces)
    for (const pod of list(rest.get(`/api/v1/namespaces/${namespace}/pods`), 'items'))
      for (const container of list(pod, 'spec', 'containers')) {
        const name = text(pod, 'metadata', 'name');
        const of = `logs for container ${text(container, 'name')} of pod ${namespace}/${name} ====\n`;
        io.stdout(`==== START ${of}`);
        try {
          const query = { container: text(container, 'name') };
          io.stdout(String(rest.request('GET', `/api/v1/namespaces/${namespace}/pods/${name}/log`, { query }) ?? ''));
        } catch (error) {
          io.stdout(`Create log request failed: ${(error as Error).message}\n`);
        }
        io.stdout(`==== END ${of}`);
      }
};

export const clusterInfoCommand: Command = {
  name: 'cluster-info',
  short: 'Display cluster information',
  commands: [
    {
      name: 'dump',
      short: 'Dump relevant information for debugging and diagnosis',
      flags: {
        'all-namespaces': { type: 'bool', short: 'A' },
        namespaces: { type: 'list' },
        'output-directory': { type: 'string' },
        output: { type: 'string', short: 'o', default: 'json' },
      },
      run: dump,
    },
  ],
  run: ({ io }) => {
    io.stdout(`Kubernetes control plane is running at ${io.config.server ?? 'https://127.0.0.1:6443'}\n`);
    io.stdout("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
  },
};
