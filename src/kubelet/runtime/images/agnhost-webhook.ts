/** The webhooks of agnhost, which Kubernetes' own tests call. */
import type { HttpReply } from '../../cni.ts';
import type { Process, Program } from '../process.ts';
import { answerReview, type Judgement, type ReviewedObject, type ReviewedRequest } from './admission-review.ts';
import { flagValue } from './http-echo.ts';

const ALLOWED: Judgement = { allowed: true };
const LABEL = 'added-label';

function addLabel({ object }: ReviewedRequest): Judgement {
  const labels = object?.metadata?.labels ?? {};
  const path = `/metadata/labels/${LABEL}`;
  if (Object.keys(labels).length === 0)
    return { allowed: true, patch: [{ op: 'add', path: '/metadata/labels', value: { [LABEL]: 'yes' } }] };
  if (labels[LABEL] === undefined) return { allowed: true, patch: [{ op: 'add', path, value: 'yes' }] };
  return labels[LABEL] === 'yes' ? ALLOWED : { allowed: true, patch: [{ op: 'replace', path, value: 'yes' }] };
}

const UNWANTED = 'webhook-disallow';
const TEST_KEY = 'webhook-e2e-test';

function judgePod({ object }: ReviewedRequest): Judgement | undefined {
  const messages: string[] = [];
  const label = object?.metadata?.labels?.[TEST_KEY];
  if (label === 'wait-forever') return undefined;
  if (label === UNWANTED) messages.push('the pod contains unwanted label;');
  for (const { name } of object?.spec?.containers ?? [])
    if (name?.includes(UNWANTED)) messages.push('the pod contains unwanted container name;');
  return messages.length === 0 ? ALLOWED : { allowed: false, message: messages.join(' ') };
}

const INIT_CONTAINER = { image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} };

const mutatePod = ({ object }: ReviewedRequest): Judgement =>
  object?.metadata?.name === 'webhook-to-be-mutated'
    ? { allowed: true, patch: [{ op: 'add', path: '/spec/initContainers', value: [INIT_CONTAINER] }] }
    : ALLOWED;

const reviewed = ({ operation, object, oldObject }: ReviewedRequest): ReviewedObject | null =>
  operation === 'DELETE' ? oldObject : object;

const judgeData =
  (reason: string) =>
  (request: ReviewedRequest): Judgement =>
    reviewed(request)?.data?.[TEST_KEY] === UNWANTED ? { allowed: false, reason } : ALLOWED;

function mutateData({ object }: ReviewedRequest): Judgement {
  const patch: object[] = [];
  const stage = (name: string): object => ({ op: 'add', path: `/data/${name}`, value: 'yes' });
  if (object?.data?.['mutation-start'] === 'yes') patch.push(stage('mutation-stage-1'));
  if (object?.data?.['mutation-stage-1'] === 'yes') patch.push(stage('mutation-stage-2'));
  return { allowed: true, patch };
}

const judgeLabel =
  (message: string) =>
  ({ object }: ReviewedRequest): Judgement =>
    object?.metadata?.labels?.[TEST_KEY] === UNWANTED ? { allowed: false, message } : ALLOWED;

function judgeCustomResource({ operation, object, oldObject }: ReviewedRequest): Judgement {
  const reason =
    operation === 'DELETE'
      ? oldObject?.data?.[TEST_KEY] === 'webhook-nondeletable' &&
        'the custom resource cannot be deleted because it contains unwanted key and value'
      : object?.data?.[TEST_KEY] === UNWANTED && 'the custom resource contains unwanted data';
  return reason ? { allowed: false, reason } : ALLOWED;
}

const ATTACHED = 'to-be-attached-pod';

/** Whether someone may speak to a certain container; only to look at it is allowed. */
const judgeAttach = ({ name, object }: ReviewedRequest): Judgement =>
  name === ATTACHED && object?.stdin && object.container === 'container1'
    ? { allowed: false, message: `attaching to pod '${ATTACHED}' is not allowed` }
    : ALLOWED;

/** What answers reviews, by path; a hook that says nothing never answers. */
const HOOKS: Readonly<Record<string, (request: ReviewedRequest) => Judgement | undefined>> = {
  '/always-deny': () => ({ allowed: false, message: 'this webhook denies all requests' }),
  '/add-label': addLabel,
  '/pods': judgePod,
  '/pods/attach': judgeAttach,
  '/mutating-pods': mutatePod,
  '/configmaps': judgeData('the configmap contains unwanted key and value'),
  '/mutating-configmaps': mutateData,
  '/custom-resource': judgeCustomResource,
  '/crd': judgeLabel('the crd contains unwanted label'),
  '/always-allow-delay-5s': () => ALLOWED,
  '/mutating-custom-resource': mutateData,
};

const text = (status: number, body: string): HttpReply => ({ status, headers: { 'content-type': 'text/plain' }, body });

const DELAY_MS = 5_000;

/** `agnhost webhook`: serves until it is told to stop. Its TLS is taken for granted. */
export function* webhook(process: Process, args: readonly string[]): Program {
  process.listen(Number(flagValue(args, 'port') ?? 443), {
    http: (message, _, reply) => {
      const path = message.path.split('?')[0]!;
      if (path === '/readyz') reply(text(200, 'ok'));
      else if (Object.hasOwn(HOOKS, path)) {
        const answer = answerReview(message, HOOKS[path]!);
        if (answer) reply(path === '/always-allow-delay-5s' ? { ...answer, afterMs: DELAY_MS } : answer);
      } else reply(text(404, '404 page not found\n'));
    },
  });
  process.handle('SIGTERM', 'SIGINT');
  yield* process.signal();
  process.closePorts();
  return 2;
}
