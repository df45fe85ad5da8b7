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

function judgePod({ object }: ReviewedRequest): Judgement {
  const messages: string[] = [];
  if (object?.metadata?.labels?.[TEST_KEY] === UNWANTED) messages.push('the pod contains unwanted label;');
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

const HOOKS: Readonly<Record<string, (request: ReviewedRequest) => Judgement>> = {
  '/always-deny': () => ({ allowed: false, message: 'this webhook denies all requests' }),
  '/add-label': addLabel,
  '/pods': judgePod,
  '/mutating-pods': mutatePod,
  '/configmaps': judgeData('the configmap contains unwanted key and value'),
  '/mutating-configmaps': mutateData,
  '/custom-resource': judgeData('the custom resource contains unwanted data'),
  '/mutating-custom-resource': mutateData,
};

const text = (status: number, body: string): HttpReply => ({ status, headers: { 'content-type': 'text/plain' }, body });

/** `agnhost webhook`: serves until it is told to stop. Its TLS is taken for granted. */
export function* webhook(process: Process, args: readonly string[]): Program {
  process.listen(Number(flagValue(args, 'port') ?? 443), {
    http: (message, _, reply) => {
      const path = message.path.split('?')[0]!;
      if (path === '/readyz') reply(text(200, 'ok'));
      // The delay is longer than any caller here waits.
      else if (path === '/always-allow-delay-5s') return;
      else if (Object.hasOwn(HOOKS, path)) reply(answerReview(message, HOOKS[path]!));
      else reply(text(404, '404 page not found\n'));
    },
  });
  process.handle('SIGTERM', 'SIGINT');
  yield* process.signal();
  process.closePorts();
  return 2;
}
