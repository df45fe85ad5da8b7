import { NodeKind } from '../../api/core/node.ts';
import { PodKind } from '../../api/core/pod.ts';
import { methodNotSupported, notFound } from '../../api/errors.ts';
import type { Kind } from '../../api/kind.ts';
import { formatTime } from '../../api/meta.ts';
import { NodeMetricsKind, type NodeMetrics } from '../../api/metrics/node-metrics.ts';
import { PodMetricsKind, type PodMetrics } from '../../api/metrics/pod-metrics.ts';
import type { KubeObject, ObjectMeta, UntypedObject } from '../../api/object.ts';
import { parseFieldSelector, parseLabelSelector } from '../../api/selector.ts';
import type { Node, Pod } from '../../api/types.ts';
import type { AggregatedServer, ApiRequest, ApiResponse } from '../../apiserver/index.ts';
import { InformerFactory, type Client, type SharedInformer } from '../../client/index.ts';
import type { Kernel, Timer } from '../../kernel/index.ts';
import { metricsDocument } from './metrics-schemas.ts';
import { Samples, type NodeSample, type Usage } from './samples.ts';

/** How often it asks every kubelet: --metric-resolution. */
const RESOLUTION_MS = 15_000;

const COMPONENT = 'metrics-server';

export interface MetricsServerOptions {
  readonly kernel: Kernel;
  /** Acts as its service account. */
  readonly client: Client;
  /** Asks the kubelet of a machine (its /metrics/resource); undefined when that does not answer. */
  readonly scrape: (node: string) => NodeSample | undefined;
}

/** `15s`, `15.02s`, `1m0s`: a duration as Go prints it, to the hundredth. */
function durationText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(2))}s`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

const usageOf = ({ cores, memoryBytes }: Usage): { readonly cpu: string; readonly memory: string } => ({
  cpu: cores === 0 ? '0' : `${Math.round(cores * 1e9)}n`,
  memory: `${Math.floor(memoryBytes / 1024)}Ki`,
});

/** The one of several usages that says when: the last to have been measured. */
const newest = (usages: Iterable<Usage>): Usage => [...usages].reduce((a, b) => (b.atMs > a.atMs ? b : a));

/**
 * metrics-server: asks the kubelets what runs on them and serves the difference as the resource metrics API, of which
 * autoscalers and kubectl top live. What it knows it knows for as long as it runs.
 */
export class MetricsServer implements AggregatedServer {
  readonly kinds: readonly Kind[] = [NodeMetricsKind, PodMetricsKind] as readonly Kind<never>[] as readonly Kind[];
  readonly #options: MetricsServerOptions;
  readonly #informers: InformerFactory;
  readonly #nodes: SharedInformer<Node>;
  readonly #pods: SharedInformer<Pod>;
  readonly #samples = new Samples(RESOLUTION_MS);
  #timer: Timer | undefined;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#informers = new InformerFactory(options.kernel, options.client);
    this.#nodes = this.#informers.for(NodeKind);
    this.#pods = this.#informers.for(PodKind);
  }

  start(): void {
    this.#informers.start();
    this.#tick();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#informers.stop();
  }

  #tick(): void {
    const { kernel, scrape } = this.#options;
    this.#timer = kernel.after(RESOLUTION_MS, COMPONENT, () => this.#tick(), { background: true });
    const round = new Map<string, NodeSample>();
    for (const { metadata } of this.#nodes.list()) {
      const sample = scrape(metadata.name);
      if (sample) round.set(metadata.name, sample);
    }
    this.#samples.store(round);
  }

  openApi(): object {
    return metricsDocument(this.kinds);
  }

  serve(request: ApiRequest): ApiResponse {
    const pods = request.resource === PodMetricsKind.resource;
    const kind = (pods ? PodMetricsKind : NodeMetricsKind) as unknown as Kind;
    const { verb, name, namespace } = request;
    if (verb === 'get') return answer(pods ? this.#pod(namespace ?? '', name!) : this.#node(name!));
    if (verb !== 'list') throw methodNotSupported(kind, verb);
    const items = pods ? this.#podList(request) : this.#nodeList(request);
    return answer({
      kind: `${kind.kind}List`,
      apiVersion: `${kind.group}/${kind.version}`,
      metadata: {},
      items,
    });
  }

  #node(name: string): NodeMetrics {
    const node = this.#nodes.getByKey(name);
    if (!node) throw notFound(NodeKind, name);
    const metrics = this.#nodeMetrics(node);
    if (!metrics) throw notFound(NodeMetricsKind, name);
    return metrics;
  }

  #pod(namespace: string, name: string): PodMetrics {
    const pod = this.#pods.get(namespace, name);
    if (!pod) throw notFound(PodKind, name);
    const metrics = this.#podMetrics(pod);
    if (!metrics) throw notFound(PodMetricsKind, `${namespace}/${name}`);
    return metrics;
  }

  #nodeList(request: ApiRequest): NodeMetrics[] {
    return selected(this.#nodes.list(), request).flatMap((node) => this.#nodeMetrics(node) ?? []);
  }

  #podList(request: ApiRequest): PodMetrics[] {
    return selected(this.#pods.list(request.namespace), request).flatMap((pod) => this.#podMetrics(pod) ?? []);
  }

  #nodeMetrics(node: Node): NodeMetrics | undefined {
    const usage = this.#samples.node(node.metadata.name);
    if (!usage) return undefined;
    return {
      kind: 'NodeMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: this.#metadata(node),
      ...moment(usage),
      usage: usageOf(usage),
    };
  }

  #podMetrics(pod: Pod): PodMetrics | undefined {
    const { name, namespace = '' } = pod.metadata;
    const containers = this.#samples.pod(namespace, name);
    if (!containers) return undefined;
    return {
      kind: 'PodMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: this.#metadata(pod),
      ...moment(newest(containers.values())),
      containers: [...containers].map(([container, usage]) => ({ name: container, usage: usageOf(usage) })),
    };
  }

  #metadata({ metadata: { name, namespace, labels } }: KubeObject): ObjectMeta {
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      creationTimestamp: formatTime(this.#options.kernel.now),
      ...(labels ? { labels } : {}),
    };
  }
}

const moment = ({ atMs, windowMs }: Usage): { readonly timestamp: string; readonly window: string } => ({
  timestamp: formatTime(atMs),
  window: durationText(windowMs),
});

const answer = (object: unknown): ApiResponse => ({ code: 200, object: object as UntypedObject, warnings: [] });

/** Those that a list asks for, in the order of their names. */
function selected<T extends KubeObject>(objects: readonly T[], { options }: ApiRequest): T[] {
  const { labelSelector = '', fieldSelector = '' } = options;
  const matcher = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(fieldSelector);
  return objects
    .filter(({ metadata }) => {
      if (!matcher.matches(metadata.labels)) return false;
      const values: Record<string, string> = {
        'metadata.name': metadata.name,
        'metadata.namespace': metadata.namespace ?? '',
      };
      return fields.every(({ field, operator, value }) => (values[field] === value) === (operator !== '!='));
    })
    .sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1));
}

const keyText = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
