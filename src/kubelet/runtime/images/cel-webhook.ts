import {
  CelEnvironment,
  CelSyntaxError,
  DYN,
  Failure,
  jsonOf,
  jsonValue,
  type Program as Expression,
} from '../../../api/cel/index.ts';
import type { Image } from '../image.ts';
import type { Main } from '../process.ts';
import { answerReview, type Judgement, type ReviewedRequest } from './admission-review.ts';
import { flagValue } from './http-echo.ts';

const environment = new CelEnvironment({ variables: { request: DYN, object: DYN, oldObject: DYN } });

/** What an expression gives for a request; undefined when it fails or there is none. */
function evaluate(expression: Expression | undefined, request: ReviewedRequest): unknown {
  if (!expression) return undefined;
  const values: Record<string, unknown> = { request, object: request.object, oldObject: request.oldObject };
  const { result } = expression.evaluate((name) => jsonValue(values[name]));
  return result instanceof Failure ? undefined : jsonOf(result);
}

const FLAGS = ['allow', 'message', 'warn', 'patch'] as const;

/**
 * A webhook whose judgement is CEL, given as flags over request, object and oldObject: `--allow` (a bool; what fails is
 * not allowed), `--message` and `--warn` (text), `--patch` (a list of operations). Listens on `--listen`, :8443 by default.
 */
const celWebhook: Main = function* (process) {
  const args = process.argv.slice(1);
  const expressions = new Map<(typeof FLAGS)[number], Expression>();
  for (const flag of FLAGS) {
    const source = flagValue(args, flag);
    if (source === undefined) continue;
    try {
      expressions.set(flag, environment.compile(source));
    } catch (error) {
      if (!(error instanceof CelSyntaxError)) throw error;
      process.err(`--${flag}: ${error.message}\n`);
      return 1;
    }
  }
  const judge = (request: ReviewedRequest): Judgement => {
    const allow = expressions.get('allow');
    const allowed = allow === undefined || evaluate(allow, request) === true;
    const message = evaluate(expressions.get('message'), request);
    const warning = evaluate(expressions.get('warn'), request);
    const patch = allowed ? evaluate(expressions.get('patch'), request) : undefined;
    process.out(
      `${request.operation} ${request.namespace ?? ''}/${request.name ?? ''}: ${allowed ? 'allowed' : 'denied'}\n`,
    );
    return {
      allowed,
      ...(!allowed && typeof message === 'string' ? { message } : {}),
      ...(Array.isArray(patch) ? { patch: patch as object[] } : {}),
      ...(typeof warning === 'string' && warning !== '' ? { warnings: [warning] } : {}),
    };
  };
  const port = Number((flagValue(args, 'listen') ?? ':8443').split(':').pop());
  const opened = process.listen(port, {
    http: (message, _, reply) =>
      reply(
        message.method === 'GET'
          ? { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok\n' }
          : answerReview(message, judge),
      ),
  });
  if (!opened) {
    process.err(`listen tcp :${port}: bind: address already in use\n`);
    return 1;
  }
  process.out(`listening on :${port}\n`);
  process.handle('SIGTERM', 'SIGINT');
  yield* process.signal();
  return 0;
};

/** An image of ours, for labs about admission. */
export const CEL_WEBHOOK: Image = {
  repository: 'docker.io/k8scookbook/cel-webhook',
  tags: /^(latest|1)$/,
  entrypoint: ['/cel-webhook'],
  user: 65532,
  sizeBytes: () => 6_200_000,
  executables: { 'cel-webhook': celWebhook },
};
