import { badRequest, notFound } from '../api/errors.ts';
import { PodKind } from '../api/core/pod.ts';
import { formatTime, parseTime } from '../api/meta.ts';
import type { Pod } from '../api/types.ts';
import type { HttpRequest, HttpResponse } from '../apiserver/request.ts';
import type { Kernel } from '../kernel/index.ts';
import { instancesOf } from './container-status.ts';
import { containersOf } from './names.ts';
import { attach, exec } from './remote-command.ts';
import type { ContainerInstance, ContainerRuntime } from './runtime/cri.ts';
import type { LogLine } from './runtime/log.ts';

const TEXT = { 'content-type': 'text/plain' };

/** Answers logs, exec and attach for a Pod of this node (the kubelet's own HTTP server). */
export function containerHttp(
  kernel: Kernel,
  runtime: ContainerRuntime,
  pod: Pod,
  subresource: string,
  request: HttpRequest,
): HttpResponse {
  const query = new URLSearchParams(request.url.split('?')[1] ?? '');
  const name = query.get('container') || pod.spec.containers[0]!.name;
  if (!containersOf(pod).some(({ container }) => container.name === name)) {
    throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
  }
  const instances = instancesOf(runtime.pod(pod.metadata.uid!), name);
  if (subresource === 'log') return log(kernel, runtime, pod, name, instances, query);
  if (subresource === 'exec') return exec(runtime, name, instances[0], query);
  if (subresource === 'attach') return attach(runtime, pod, name, instances[0], query);
  throw notFound(PodKind, `${pod.metadata.name}/${subresource}`);
}

function log(
  kernel: Kernel,
  runtime: ContainerRuntime,
  pod: Pod,
  name: string,
  instances: readonly ContainerInstance[],
  query: URLSearchParams,
): HttpResponse {
  const previous = query.get('previous') === 'true';
  const instance = instances[previous ? 1 : 0];
  if (previous && !instance) {
    throw badRequest(`previous terminated container "${name}" in pod "${pod.metadata.name}" not found`);
  }
  if (!instance || instance.state === 'created') {
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    const reason = statuses.find((status) => status.name === name)?.state?.waiting?.reason ?? 'ContainerCreating';
    const waiting =
      reason === 'ErrImagePull' || reason === 'ImagePullBackOff' ? `trying and failing to pull image` : reason;
    throw badRequest(`container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${waiting}`);
  }
  const kept = runtime.log(instance.id);
  const timestamps = query.get('timestamps') === 'true';
  const since = sinceMs(kernel.now, query);
  const tail = query.get('tailLines');
  const limit = Number(query.get('limitBytes') ?? Infinity);
  const print = ({ time, text }: LogLine): string => (timestamps ? `${nanoTime(time)} ${text}` : text);
  let lines = (kept?.lines ?? []).filter(({ time }) => time >= since);
  if (tail !== null) lines = Number(tail) === 0 ? [] : lines.slice(-Number(tail));
  const text = lines.map(print).join('').slice(0, limit);
  if (query.get('follow') !== 'true') return { status: 200, headers: TEXT, body: text };
  return {
    status: 200,
    headers: TEXT,
    stream: (sink) => {
      if (text) sink.chunk(text);
      if (!kept) {
        sink.end();
        return () => undefined;
      }
      return kept.follow((line) => (line ? sink.chunk(print(line)) : sink.end()));
    },
  };
}

function sinceMs(now: number, query: URLSearchParams): number {
  const seconds = query.get('sinceSeconds');
  const time = query.get('sinceTime');
  if (seconds !== null) return now - Number(seconds) * 1000;
  return time === null ? -Infinity : parseTime(time);
}

/** Log timestamps have nine decimals. */
function nanoTime(ms: number): string {
  const nanos = Math.round((ms % 1000) * 1_000_000);
  return `${formatTime(ms).slice(0, -1)}.${String(nanos).padStart(9, '0')}Z`;
}
