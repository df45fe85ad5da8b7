/** Probes and lifecycle hooks. */
import { forbidden, invalid, required } from '../field-error.ts';
import { checkHttpHeaderName } from '../names.ts';
import type { Container, Probe } from '../types.ts';
import { checkNonNegative, checkOneOf, checkPort, refuse, type Errors } from './common-checks.ts';

type Lifecycle = NonNullable<Container['lifecycle']>;
type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> &
  Pick<NonNullable<Lifecycle['preStop']>, 'sleep'>;

function checkHttpGet(action: NonNullable<Handler['httpGet']>, path: string, errors: Errors): void {
  if (!action.path) errors.push(required(`${path}.path`));
  checkPort(action.port, `${path}.port`, errors);
  checkOneOf(action.scheme, ['HTTP', 'HTTPS'], `${path}.scheme`, errors);
  for (const header of action.httpHeaders ?? [])
    refuse(`${path}.httpHeaders`, header.name, checkHttpHeaderName(header.name), errors);
}

/** Exactly one way to act, and a valid one. */
function checkHandler(handler: Handler, graceSeconds: number, path: string, errors: Errors): void {
  let count = 0;
  const each = <K extends keyof Handler>(
    key: K,
    check: (action: NonNullable<Handler[K]>, at: string) => void,
  ): void => {
    const action = handler[key];
    if (!action) return;
    if (count++ > 0) errors.push(forbidden(`${path}.${key}`, 'may not specify more than 1 handler type'));
    else check(action, `${path}.${key}`);
  };
  each('exec', (action, at) => {
    if (!action.command?.length) errors.push(required(`${at}.command`));
  });
  each('httpGet', (action, at) => checkHttpGet(action, at, errors));
  each('tcpSocket', (action, at) => checkPort(action.port, `${at}.port`, errors));
  each('grpc', (action, at) => checkPort(action.port, `${at}.port`, errors));
  each('sleep', (action, at) => {
    if (action.seconds < 0 || action.seconds > graceSeconds)
      errors.push(
        invalid(
          at,
          action.seconds,
          `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`,
        ),
      );
  });
  if (count === 0) errors.push(required(path, 'must specify a handler type'));
}

function checkProbe(probe: Probe, graceSeconds: number, path: string, errors: Errors): void {
  checkHandler(probe, graceSeconds, path, errors);
  checkNonNegative(probe.initialDelaySeconds, `${path}.initialDelaySeconds`, errors);
  checkNonNegative(probe.timeoutSeconds, `${path}.timeoutSeconds`, errors);
  checkNonNegative(probe.periodSeconds, `${path}.periodSeconds`, errors);
  checkNonNegative(probe.successThreshold, `${path}.successThreshold`, errors);
  checkNonNegative(probe.failureThreshold, `${path}.failureThreshold`, errors);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
}

/** The three probes and the hooks of a container that runs to serve: regular ones, and sidecars. */
export function checkProbesAndHooks(container: Container, graceSeconds: number, path: string, errors: Errors): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle?.postStart) checkHandler(lifecycle.postStart, graceSeconds, `${path}.lifecycle.postStart`, errors);
  if (lifecycle?.preStop) checkHandler(lifecycle.preStop, graceSeconds, `${path}.lifecycle.preStop`, errors);
  if (livenessProbe) {
    checkProbe(livenessProbe, graceSeconds, `${path}.livenessProbe`, errors);
    if (livenessProbe.successThreshold !== 1)
      errors.push(invalid(`${path}.livenessProbe.successThreshold`, livenessProbe.successThreshold ?? 0, 'must be 1'));
  }
  if (readinessProbe) {
    checkProbe(readinessProbe, graceSeconds, `${path}.readinessProbe`, errors);
    const grace = readinessProbe.terminationGracePeriodSeconds;
    if (grace !== undefined)
      errors.push(
        invalid(`${path}.readinessProbe.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'),
      );
  }
  if (startupProbe) {
    checkProbe(startupProbe, graceSeconds, `${path}.startupProbe`, errors);
    if (startupProbe.successThreshold !== 1)
      errors.push(invalid(`${path}.startupProbe.successThreshold`, startupProbe.successThreshold ?? 0, 'must be 1'));
  }
}
