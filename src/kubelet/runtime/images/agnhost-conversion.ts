/** The conversion webhook of agnhost, for custom resources with `hostPort` in v1, and with `host` and `port` in v2. */
import type { HttpMessage, HttpReply } from '../../cni.ts';
import type { Process, Program } from '../process.ts';
import { flagValue } from './http-echo.ts';

interface Converted {
  readonly apiVersion: string;
  readonly hostPort?: string;
  readonly host?: string;
  readonly port?: string;
}

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly Converted[];
  };
}

const versionOf = (apiVersion: string): string => apiVersion.split('/').at(-1)!;

/** A sentence, when an object cannot be converted. */
function convert(object: Converted, apiVersion: string): Converted | string {
  const [from, to] = [versionOf(object.apiVersion), versionOf(apiVersion)];
  if (from === to) return `conversion from a version to itself should not call the webhook: ${apiVersion}`;
  if (from === 'v1' && to === 'v2') {
    const { hostPort, ...rest } = object;
    if (hostPort === undefined) return { ...rest, apiVersion };
    const [host, port, ...more] = hostPort.split(':');
    if (host === undefined || port === undefined || more.length > 0) return `invalid hostPort value \`${hostPort}\``;
    return { ...rest, apiVersion, host, port };
  }
  if (from === 'v2' && to === 'v1') {
    const { host, port, ...rest } = object;
    return {
      ...rest,
      apiVersion,
      ...(host === undefined && port === undefined ? {} : { hostPort: `${host}:${port}` }),
    };
  }
  return `unexpected conversion version "${apiVersion}"`;
}

const answer = (status: number, type: string, body: string): HttpReply => ({
  status,
  headers: { 'content-type': type, 'content-length': String(body.length) },
  body,
});

function converted({ body }: HttpMessage): HttpReply {
  let review: Review;
  try {
    review = JSON.parse(body) as Review;
  } catch (error) {
    return answer(400, 'text/plain', `${error instanceof Error ? error.message : String(error)}\n`);
  }
  const { uid, desiredAPIVersion, objects } = review.request;
  const results = objects.map((object) => convert(object, desiredAPIVersion));
  const problem = results.find((result) => typeof result === 'string');
  const response =
    problem === undefined
      ? { uid, convertedObjects: results, result: { status: 'Success' } }
      : { uid, convertedObjects: [], result: { status: 'Failure', message: problem } };
  const { apiVersion, kind } = review;
  return answer(200, 'application/json', JSON.stringify({ apiVersion, kind, response }));
}

/** `agnhost crd-conversion-webhook`: serves until it is told to stop. Its TLS is taken for granted. */
export function* conversionWebhook(process: Process, args: readonly string[]): Program {
  process.listen(Number(flagValue(args, 'port') ?? 443), {
    http: (message, _, reply) => {
      const [path] = message.path.split('?');
      if (path === '/readyz') reply(answer(200, 'text/plain', 'ok'));
      else if (path === '/crdconvert') reply(converted(message));
      else reply(answer(404, 'text/plain', '404 page not found\n'));
    },
  });
  process.handle('SIGTERM', 'SIGINT');
  yield* process.signal();
  process.closePorts();
  return 2;
}
