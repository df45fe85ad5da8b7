/** Defaults of Pods and pod templates (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go). */
import { fillIn, mapShared, withField } from '../draft.ts';
import { parseQuantity } from '../quantity.ts';
import { containerTotals } from './pod-totals.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec, Probe } from '../types.ts';

type Resources = NonNullable<Container['resources']>;
type ResourceList = Record<string, string | number>;
type Volume = NonNullable<PodSpec['volumes']>[number];
type EnvVar = NonNullable<Container['env']>[number];
type LifecycleHandler = NonNullable<NonNullable<Container['lifecycle']>['postStart']>;

/** The tag of an image reference: 'latest' when it names neither tag nor digest. */
function usesLatestTag(image: string): boolean {
  if (image.includes('@')) return false;
  const colon = image.lastIndexOf(':');
  return colon <= image.lastIndexOf('/') || image.slice(colon + 1) === 'latest';
}

/** Resource lists keep thousandths only. */
export function roundedUp(list: ResourceList): ResourceList {
  let out: ResourceList | undefined;
  for (const name in list) {
    const text = String(list[name]);
    const rounded = parseQuantity(text).roundedToMilli().toString();
    if (rounded !== list[name]) (out ??= { ...list })[name] = rounded;
  }
  return out ?? list;
}

function resourcesWithDefaults(resources: Resources | undefined): Resources {
  if (!resources) return {};
  let out = resources;
  if (out.limits) out = withField(out, 'limits', roundedUp(out.limits));
  if (out.requests) out = withField(out, 'requests', roundedUp(out.requests));
  return out;
}

const httpGet = <T extends { httpGet?: Probe['httpGet'] }>(handler: T): T =>
  handler.httpGet ? withField(handler, 'httpGet', fillIn(handler.httpGet, { path: '/', scheme: 'HTTP' })) : handler;

/** What a probe has when it says nothing; zero says nothing as well. */
const PROBE_DEFAULTS = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 } as const;
const PROBE_FIELDS = Object.keys(PROBE_DEFAULTS) as (keyof typeof PROBE_DEFAULTS)[];

function probe(of: Probe): Probe {
  const out = httpGet(of);
  let changed: Probe | undefined;
  for (const field of PROBE_FIELDS) if (!out[field]) (changed ??= { ...out })[field] = PROBE_DEFAULTS[field];
  const { grpc } = out;
  if (grpc && grpc.service === undefined) (changed ??= { ...out }).grpc = { ...grpc, service: '' };
  return changed ?? out;
}

function envVar(of: EnvVar): EnvVar {
  const fieldRef = of.valueFrom?.fieldRef;
  if (!fieldRef || fieldRef.apiVersion) return of;
  return { ...of, valueFrom: { ...of.valueFrom, fieldRef: { ...fieldRef, apiVersion: 'v1' } } };
}

/** One container of any sort, completed; the same object when it is complete. */
function containerWithDefaults(of: Container): Container {
  let out: Container | undefined;
  const set = <K extends keyof Container>(key: K, value: Container[K]): void => {
    if (of[key] !== value) (out ??= { ...of })[key] = value;
  };
  if (!of.imagePullPolicy) set('imagePullPolicy', usesLatestTag(of.image ?? '') ? 'Always' : 'IfNotPresent');
  if (!of.terminationMessagePath) set('terminationMessagePath', '/dev/termination-log');
  if (!of.terminationMessagePolicy) set('terminationMessagePolicy', 'File');
  set('resources', resourcesWithDefaults(of.resources));
  if (of.ports)
    set(
      'ports',
      mapShared(of.ports, (port) => (port.protocol ? port : { ...port, protocol: 'TCP' })),
    );
  if (of.env) set('env', mapShared(of.env, envVar));
  if (of.livenessProbe) set('livenessProbe', probe(of.livenessProbe));
  if (of.readinessProbe) set('readinessProbe', probe(of.readinessProbe));
  if (of.startupProbe) set('startupProbe', probe(of.startupProbe));
  if (of.lifecycle) {
    let hooks = of.lifecycle;
    if (hooks.postStart) hooks = withField(hooks, 'postStart', httpGet<LifecycleHandler>(hooks.postStart));
    if (hooks.preStop) hooks = withField(hooks, 'preStop', httpGet<LifecycleHandler>(hooks.preStop));
    set('lifecycle', hooks);
  }
  return out ?? of;
}

type DownwardItems = NonNullable<NonNullable<Volume['downwardAPI']>['items']>;

const downwardItems = (items: DownwardItems): DownwardItems =>
  mapShared(items, (item) =>
    item.fieldRef && !item.fieldRef.apiVersion ? { ...item, fieldRef: { ...item.fieldRef, apiVersion: 'v1' } } : item,
  );

/** 0644 */
const FILE_MODE = 420;

const VOLUME_SOURCES = (volume: Volume): number => Object.keys(volume).length - 1;

function volumeWithDefaults(of: Volume): Volume {
  if (VOLUME_SOURCES(of) === 0) return { ...of, emptyDir: {} };
  let out = of;
  if (out.configMap) out = withField(out, 'configMap', fillIn(out.configMap, { defaultMode: FILE_MODE }));
  if (out.secret) out = withField(out, 'secret', fillIn(out.secret, { defaultMode: FILE_MODE }));
  if (out.hostPath) out = withField(out, 'hostPath', fillIn(out.hostPath, { type: '' }));
  if (out.downwardAPI) {
    let source = fillIn(out.downwardAPI, { defaultMode: FILE_MODE });
    if (source.items) source = withField(source, 'items', downwardItems(source.items));
    out = withField(out, 'downwardAPI', source);
  }
  if (out.projected) {
    let source = fillIn(out.projected, { defaultMode: FILE_MODE });
    if (source.sources) {
      const sources = mapShared(source.sources, (projection) => {
        if (projection.serviceAccountToken)
          return withField(
            projection,
            'serviceAccountToken',
            fillIn(projection.serviceAccountToken, { expirationSeconds: 3600 }),
          );
        if (projection.downwardAPI?.items)
          return withField(
            projection,
            'downwardAPI',
            withField(projection.downwardAPI, 'items', downwardItems(projection.downwardAPI.items)),
          );
        return projection;
      });
      source = withField(source, 'sources', sources);
    }
    out = withField(out, 'projected', source);
  }
  if (out.image && !out.image.pullPolicy)
    out = withField(out, 'image', {
      ...out.image,
      pullPolicy: usesLatestTag(out.image.reference ?? '') ? 'Always' : 'IfNotPresent',
    });
  if (out.iscsi) out = withField(out, 'iscsi', fillIn(out.iscsi, { iscsiInterface: 'default' }));
  if (out.ephemeral?.volumeClaimTemplate) {
    const template = out.ephemeral.volumeClaimTemplate;
    const spec = fillIn(template.spec, { volumeMode: 'Filesystem' });
    out = withField(
      out,
      'ephemeral',
      withField(out.ephemeral, 'volumeClaimTemplate', withField(template, 'spec', spec)),
    );
  }
  return out;
}

/** What a Pod and a pod template have in common. Fills in `draft`, which is a fresh copy on its top level. */
export function defaultPodSpec(draft: PodSpec): void {
  if (draft.containers) draft.containers = mapShared(draft.containers, containerWithDefaults);
  if (draft.initContainers) draft.initContainers = mapShared(draft.initContainers, containerWithDefaults);
  if (draft.ephemeralContainers)
    draft.ephemeralContainers = mapShared(
      draft.ephemeralContainers,
      (of) => containerWithDefaults(of as Container) as typeof of,
    );
  if (draft.volumes) draft.volumes = mapShared(draft.volumes, volumeWithDefaults);
  if (draft.resources) draft.resources = resourcesWithDefaults(draft.resources);
  if (draft.overhead) draft.overhead = roundedUp(draft.overhead);
  draft.dnsPolicy ||= 'ClusterFirst';
  draft.restartPolicy ||= 'Always';
  draft.securityContext ??= {};
  draft.terminationGracePeriodSeconds ??= 30;
  draft.schedulerName ||= 'default-scheduler';
  if (draft.serviceAccountName && draft.serviceAccount !== draft.serviceAccountName)
    draft.serviceAccount = draft.serviceAccountName;
  else if (draft.serviceAccount && !draft.serviceAccountName) draft.serviceAccountName = draft.serviceAccount;
}

/** A pod template with its defaults; the same object when it is complete. */
export function templateWithDefaults(template: PodTemplateSpec): PodTemplateSpec {
  const known = completeTemplates.has(template);
  if (known) return template;
  const spec = { ...template.spec } as PodSpec;
  defaultPodSpec(spec);
  const out = { ...template, metadata: template.metadata ?? {}, spec };
  completeTemplates.add(out);
  return out;
}

/** Templates that came out of templateWithDefaults: most writes carry one unchanged. */
const completeTemplates = new WeakSet<object>();

/** Requests that are not given are the limits. */
function requestsFromLimits(container: Container): Container {
  const { limits, requests } = container.resources ?? {};
  if (!limits) return container;
  let filled: ResourceList | undefined;
  for (const name in limits) {
    if (requests?.[name] === undefined) (filled ??= { ...requests })[name] = limits[name]!;
  }
  return filled ? { ...container, resources: { ...container.resources, requests: filled } } : container;
}

/**
 * What a Pod as a whole gets where it says a part of it (KEP-2837): limits of huge pages are those of its containers,
 * requests what its containers ask for, or else its limits.
 */
function podResources(spec: PodSpec, given: Resources): Resources {
  let { limits, requests }: { limits?: ResourceList; requests?: ResourceList } = given;
  if (!hasAny(limits) && !hasAny(requests)) return given;
  for (const [name, amount] of Object.entries(containerTotals(spec, 'limits')))
    if (name.startsWith('hugepages-') && requests?.[name] === undefined && limits?.[name] === undefined)
      limits = { ...limits, [name]: amount.toString() };
  if (hasAny(limits)) {
    for (const [name, amount] of Object.entries(containerTotals(spec, 'requests')))
      if ((name === 'cpu' || name === 'memory') && requests?.[name] === undefined)
        requests = { ...requests, [name]: amount.toString() };
    for (const [name, amount] of Object.entries(limits ?? {}))
      if (requests?.[name] === undefined && isPodLevel(name)) requests = { ...requests, [name]: amount };
  }
  let out = given;
  if (limits) out = withField(out, 'limits', limits);
  if (requests) out = withField(out, 'requests', requests);
  return out;
}

const hasAny = (list: ResourceList | undefined): boolean => list !== undefined && Object.keys(list).length > 0;

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** On the host's network, a container's ports are the host's. */
const hostPorts = (container: Container): Container =>
  container.ports
    ? withField(
        container,
        'ports',
        mapShared(container.ports, (port) => (port.hostPort ? port : { ...port, hostPort: port.containerPort })),
      )
    : container;

/** Fills in a Pod. */
export function defaultPod(draft: Pod): void {
  const spec = (draft.spec ??= {} as PodSpec);
  defaultPodSpec(spec);
  for (const list of ['containers', 'initContainers'] as const) {
    let containers = spec[list];
    if (!containers) continue;
    containers = mapShared(containers, requestsFromLimits);
    if (spec.hostNetwork) containers = mapShared(containers, hostPorts);
    spec[list] = containers;
  }
  if (spec.resources) spec.resources = podResources(spec, spec.resources);
  spec.enableServiceLinks ??= true;
  const status = (draft.status ??= {});
  // The single address and the list of addresses say the same.
  if (status.podIP && !status.podIPs?.length) status.podIPs = [{ ip: status.podIP }];
  else if (!status.podIP && status.podIPs?.[0]?.ip) status.podIP = status.podIPs[0].ip;
}
