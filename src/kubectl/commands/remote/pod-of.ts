import { build, type Info } from '../../builder.ts';
import { CliError } from '../../errors.ts';
import { labelSelectorText } from '../../label-selector.ts';
import { labelText } from '../../print/table.ts';
import type { Session } from '../../session.ts';
import { at, list, record, text, type Obj } from '../../value.ts';

const POLL_MS = 1000;

/** A Pod behind something, and what it stands behind. */
export interface Attachable {
  readonly pod: Obj;
  readonly info: Info;
}

/** The Pod that a name, or TYPE/NAME of a workload or Service, means; waits for one to be there. */
export const attachablePod = async (session: Session, args: readonly string[]): Promise<Attachable> => {
  const [first = ''] = args;
  const files = session.flags.list('filename');
  const { infos, errors } = build(
    session,
    files.length > 0 ? { filenames: files } : { args: first.includes('/') ? [first] : ['pods', first] },
  );
  if (errors.length > 0) throw errors[0]!;
  if (infos.length > 1) throw new CliError('cannot exec into multiple objects at a time');
  const [info] = infos as [Info];
  if (info.mapping.kind === 'Pod') return { pod: info.object, info };
  const selector = selectorOf(info);
  const { io, rest, flags } = session;
  const end = io.now() + flags.int('pod-running-timeout');
  for (;;) {
    const pods = list(
      rest.get(`/api/v1/namespaces/${info.namespace}/pods`, { query: { labelSelector: selector } }),
      'items',
    );
    const [best] = pods.sort((a, b) => rank(b) - rank(a));
    if (best) return { pod: best, info };
    if (io.now() >= end) throw new CliError('timed out waiting for the condition');
    await io.sleep(Math.min(POLL_MS, Math.max(1, end - io.now())));
  }
};

/** Assigned before not, running before pending, ready before not. */
const rank = (pod: Obj): number =>
  (text(pod, 'spec', 'nodeName') ? 1 : 0) +
  (text(pod, 'status', 'phase') === 'Running' ? 2 : 0) +
  (list(pod, 'status', 'conditions').some((c) => c['type'] === 'Ready' && c['status'] === 'True') ? 4 : 0);

const selectorOf = ({ object, mapping, name }: Info): string => {
  const selector = at(object, 'spec', 'selector') as Obj | undefined;
  const refuse = (reason: string): CliError => new CliError(`cannot attach to *v1.${mapping.kind}: ${reason}`);
  if (mapping.kind === 'Service') {
    if (!selector || Object.keys(selector).length === 0)
      throw refuse(`invalid service '${name}': Service is defined without a selector`);
    return labelText(record(selector));
  }
  if (!selector) throw refuse(`selector for *v1.${mapping.kind} not implemented`);
  return mapping.kind === 'ReplicationController' ? labelText(record(selector)) : labelSelectorText(selector);
};

export const podPath = (pod: Obj, subresource: string): string =>
  `/api/v1/namespaces/${text(pod, 'metadata', 'namespace')}/pods/${text(pod, 'metadata', 'name')}/${subresource}`;
