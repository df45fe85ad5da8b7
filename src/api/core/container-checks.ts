/** Containers of the three sorts: regular, init (and sidecar), ephemeral. */
import { duplicate, forbidden, invalid, notFound, required, tooMany } from '../field-error.ts';
import { checkPortName, checkPortNumber } from '../names.ts';
import type { Container, PodSpec } from '../types.ts';
import { checkOneOf, checkRequiredLabel, refuse, type Errors } from './common-checks.ts';
import { checkEnv } from './env-checks.ts';
import { checkProbesAndHooks } from './probe-checks.ts';
import { checkResources } from './resource-checks.ts';
import { checkSecurityContext } from './security-context-checks.ts';
import type { KnownVolumes } from './volume-checks.ts';
import { checkMounts } from './volume-mount-checks.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];

function checkPorts(container: Container, path: string, errors: Errors): void {
  const names = new Set<string>();
  container.ports?.forEach((port, i) => {
    const at = `${path}.ports[${i}]`;
    if (port.name) {
      const messages = checkPortName(port.name);
      refuse(`${at}.name`, port.name, messages, errors);
      if (messages.length === 0) {
        if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
        names.add(port.name);
      }
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`));
    else refuse(`${at}.containerPort`, port.containerPort, checkPortNumber(port.containerPort), errors);
    if (port.hostPort) refuse(`${at}.hostPort`, port.hostPort, checkPortNumber(port.hostPort), errors);
    if (!port.protocol) errors.push(required(`${at}.protocol`));
    else checkOneOf(port.protocol, PROTOCOLS, `${at}.protocol`, errors);
  });
}

/** Two containers cannot have the same port of the node. */
function checkHostPorts(containers: readonly Container[], path: string, errors: Errors): void {
  let taken: Set<string> | undefined;
  containers.forEach((container, i) =>
    container.ports?.forEach((port, j) => {
      if (!port.hostPort) return;
      const id = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      taken ??= new Set();
      if (taken.has(id)) errors.push(duplicate(`${path}[${i}].ports[${j}].hostPort`, id));
      taken.add(id);
    }),
  );
}

function checkRestartPolicy(container: Container, path: string, errors: Errors): void {
  checkOneOf(container.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, errors, true);
  if (container.restartPolicyRules?.length && container.restartPolicy === undefined)
    errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  container.restartPolicyRules?.forEach((rule, i) =>
    checkRestartRule(rule, `${path}.restartPolicyRules[${i}]`, errors),
  );
}

type RestartRule = NonNullable<Container['restartPolicyRules']>[number];

function checkRestartRule({ action, exitCodes }: RestartRule, path: string, errors: Errors): void {
  checkOneOf(action, ['Restart', 'RestartAllContainers'], `${path}.action`, errors);
  if (!exitCodes) errors.push(required(`${path}.exitCodes`, 'must be specified'));
  else {
    checkOneOf(exitCodes.operator, ['In', 'NotIn'], `${path}.exitCodes.operator`, errors);
    const count = exitCodes.values?.length ?? 0;
    if (count > 255) errors.push(tooMany(`${path}.exitCodes.values`, count, 255));
  }
}

/** Whether new amounts need a restart. What is wrong is said of the whole list. */
function checkResizePolicy(
  policies: NonNullable<Container['resizePolicy']>,
  path: string,
  pod: PodSpec,
  errors: Errors,
): void {
  const names = new Set<string>();
  policies.forEach(({ resourceName, restartPolicy }, i) => {
    if (names.has(resourceName)) errors.push(duplicate(`${path}[${i}]`, resourceName));
    names.add(resourceName);
    if (!resourceName) errors.push(required(path));
    else checkOneOf(resourceName, ['cpu', 'memory'], path, errors);
    if (!restartPolicy) errors.push(required(path));
    else checkOneOf(restartPolicy, RESIZE_POLICIES, path, errors);
    if (pod.restartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalid(path, restartPolicy ?? '', "must be 'NotRequired' when `restartPolicy` is 'Never'"));
  });
}

/** What all three sorts have in common. */
function checkCommon(container: Container, pod: PodSpec, volumes: KnownVolumes, path: string, errors: Errors): void {
  checkRequiredLabel(container.name, `${path}.name`, errors);
  if (!container.image) errors.push(required(`${path}.image`));
  if (!container.terminationMessagePolicy) errors.push(required(`${path}.terminationMessagePolicy`));
  else
    checkOneOf(
      container.terminationMessagePolicy,
      ['File', 'FallbackToLogsOnError'],
      `${path}.terminationMessagePolicy`,
      errors,
    );
  if (container.ports) checkPorts(container, path, errors);
  if (container.env || container.envFrom) checkEnv(container, path, errors);
  if (container.volumeMounts || container.volumeDevices) checkMounts(container, volumes, path, errors);
  if (!container.imagePullPolicy) errors.push(required(`${path}.imagePullPolicy`));
  else checkOneOf(container.imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`, errors);
  if (container.resources) checkResources(container.resources, pod, `${path}.resources`, errors);
  if (container.resizePolicy) checkResizePolicy(container.resizePolicy, `${path}.resizePolicy`, pod, errors);
  if (container.securityContext)
    checkSecurityContext(container.securityContext, pod.hostUsers !== false, `${path}.securityContext`, errors);
}

/** What a Pod refuses and a template lets pass. */
export function checkImageSpace(containers: readonly Container[] | undefined, path: string, errors: Errors): void {
  containers?.forEach(({ image }, i) => checkImage(image, `${path}[${i}]`, errors));
}

function checkImage(image: string | undefined, path: string, errors: Errors): void {
  if (image && image.trim() !== image)
    errors.push(invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'));
}

export function checkContainers(spec: PodSpec, volumes: KnownVolumes, path: string, errors: Errors): void {
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  const containers = spec.containers ?? [];
  const names = new Set<string>();
  const list = `${path}.containers`;
  if (containers.length === 0) errors.push(required(list));
  containers.forEach((container, i) => {
    const at = `${list}[${i}]`;
    checkCommon(container, spec, volumes, at, errors);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    checkProbesAndHooks(container, grace, at, errors);
    checkRestartPolicy(container, at, errors);
  });
  checkHostPorts(containers, list, errors);
  if (spec.initContainers)
    checkInitContainers(spec.initContainers, spec, names, volumes, `${path}.initContainers`, errors);
  if (spec.ephemeralContainers)
    checkEphemeralContainers(spec.ephemeralContainers, spec, names, volumes, `${path}.ephemeralContainers`, errors);
}

const INIT_FORBIDDEN = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function checkInitContainers(
  containers: readonly Container[],
  pod: PodSpec,
  names: Set<string>,
  volumes: KnownVolumes,
  path: string,
  errors: Errors,
): void {
  const grace = pod.terminationGracePeriodSeconds ?? 0;
  containers.forEach((container, i) => {
    const at = `${path}[${i}]`;
    checkCommon(container, pod, volumes, at, errors);
    checkRestartPolicy(container, at, errors);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    // Init containers run one by one: each is looked at alone, as if it were the first.
    checkHostPorts([container], path, errors);
    if (container.restartPolicy === 'Always') {
      checkProbesAndHooks(container, grace, at, errors);
      return;
    }
    for (const field of INIT_FORBIDDEN)
      if (container[field])
        errors.push(forbidden(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'));
  });
}

type EphemeralContainer = NonNullable<PodSpec['ephemeralContainers']>[number];

const EPHEMERAL_FORBIDDEN = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

function checkEphemeralContainers(
  containers: readonly EphemeralContainer[],
  pod: PodSpec,
  others: ReadonlySet<string>,
  volumes: KnownVolumes,
  path: string,
  errors: Errors,
): void {
  const names = new Set(others);
  containers.forEach((container, i) => {
    const at = `${path}[${i}]`;
    checkCommon(container as Container, pod, volumes, at, errors);
    checkImage(container.image, at, errors);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    if (container.targetContainerName && !others.has(container.targetContainerName))
      errors.push(notFound(`${at}.targetContainerName`, container.targetContainerName));
    for (const field of EPHEMERAL_FORBIDDEN) {
      const value: unknown = container[field];
      if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0))
        continue;
      errors.push(forbidden(`${at}.${field}`, NOT_EPHEMERAL));
    }
    container.volumeMounts?.forEach((mount, j) => {
      for (const field of ['subPath', 'subPathExpr'] as const)
        if (mount[field]) errors.push(forbidden(`${at}.volumeMounts[${j}].${field}`, NOT_EPHEMERAL));
    });
  });
}

const NOT_EPHEMERAL = 'cannot be set for an Ephemeral Container';
