import type { Container, Pod, Probe } from '../api/types.ts';
import type { HttpMessage, NetworkFault, PodNetwork } from './cni.ts';
import { goDuration } from '../api/duration.ts';
import type { ContainerInstance, ContainerRuntime } from './runtime/cri.ts';

type HttpGet = NonNullable<Probe['httpGet']>;

/** Where an action runs: a container that is running, and how to reach it. */
export interface ActionTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly instance: ContainerInstance;
  readonly podIp: string;
  readonly hostIp: string;
}

/** Who carries actions out. Without a network everything that needs one times out. */
export interface Actors {
  readonly runtime: ContainerRuntime;
  readonly network: PodNetwork | undefined;
}

/** What came of an action: `detail` is what an event or a status says of a failure. */
export interface ActionResult {
  readonly ok: boolean;
  readonly detail: string;
  /** It could not be carried out: nothing was learnt. */
  readonly errored?: boolean;
}

const PROBE_HEADERS = { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close' };

/** The number of a port that may be named. */
export function portNumber(port: string | number | undefined, container: Container): number | undefined {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port);
  return named?.containerPort ?? (Number.isInteger(Number(port)) ? Number(port) : undefined);
}

const faultText: Readonly<Record<NetworkFault, string>> = {
  refused: 'connect: connection refused',
  unreachable: 'connect: no route to host',
  timeout: 'i/o timeout',
  reset: 'connection reset by peer',
};

export function httpGet(
  actors: Actors,
  target: ActionTarget,
  get: HttpGet,
  timeoutMs: number,
  done: (result: ActionResult & { readonly status?: number }) => void,
): () => void {
  const port = portNumber(get.port, target.container) ?? 0;
  const host = get.host || target.podIp;
  const path = get.path?.startsWith('/') ? get.path : `/${get.path ?? ''}`;
  const url = `${(get.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${path}`;
  const headers: Record<string, string> = { ...PROBE_HEADERS, host: `${host}:${port}` };
  for (const { name, value } of get.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  const message: HttpMessage = { method: 'GET', path, headers, body: '' };
  const slow = `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  if (!actors.network) {
    done({ ok: false, detail: slow });
    return () => undefined;
  }
  return actors.network.request(target.hostIp, { ip: host, port }, message, timeoutMs, (outcome) => {
    if ('value' in outcome) {
      const { status } = outcome.value;
      const ok = status >= 200 && status < 400;
      done({ ok, status, detail: ok ? '' : `HTTP probe failed with statuscode: ${status}` });
    } else if (outcome.fault === 'timeout') done({ ok: false, detail: slow });
    else if (outcome.fault === 'reset') done({ ok: false, detail: `Get "${url}": EOF` });
    else done({ ok: false, detail: `Get "${url}": dial tcp ${host}:${port}: ${faultText[outcome.fault]}` });
  });
}

function tcp(
  actors: Actors,
  target: ActionTarget,
  probe: Probe,
  timeoutMs: number,
  done: (result: ActionResult) => void,
): () => void {
  const port = portNumber(probe.tcpSocket!.port, target.container) ?? 0;
  const host = probe.tcpSocket!.host || target.podIp;
  if (!actors.network) {
    done({ ok: false, detail: `dial tcp ${host}:${port}: i/o timeout` });
    return () => undefined;
  }
  return actors.network.exchange(target.hostIp, { ip: host, port }, undefined, timeoutMs, (outcome) => {
    if ('value' in outcome) done({ ok: true, detail: '' });
    else done({ ok: false, detail: `dial tcp ${host}:${port}: ${faultText[outcome.fault]}` });
  });
}

function grpc(
  actors: Actors,
  target: ActionTarget,
  probe: Probe,
  timeoutMs: number,
  done: (result: ActionResult) => void,
): () => void {
  const { port, service = '' } = probe.grpc!;
  const address = `${target.podIp}:${port}`;
  const failed = `timeout: failed to connect service "${address}" within ${goDuration(timeoutMs)}: context deadline exceeded`;
  if (!actors.network) {
    done({ ok: false, detail: failed });
    return () => undefined;
  }
  return actors.network.health(target.hostIp, { ip: target.podIp, port }, service, timeoutMs, (outcome) => {
    if (!('value' in outcome)) done({ ok: false, detail: failed });
    else if (outcome.value === 'SERVING') done({ ok: true, detail: '' });
    else done({ ok: false, detail: `service unhealthy (responded with "${outcome.value}")` });
  });
}

function exec(
  actors: Actors,
  target: ActionTarget,
  command: readonly string[],
  timeoutMs: number,
  done: (result: ActionResult) => void,
): () => void {
  return actors.runtime.execSync(target.instance.id, command, timeoutMs, (outcome) => {
    if ('error' in outcome) done({ ok: false, detail: outcome.error.message, errored: true });
    else if (outcome.value.timedOut) {
      done({ ok: false, detail: `command timed out: "${command.join(' ')}" timed out after ${goDuration(timeoutMs)}` });
    } else done({ ok: outcome.value.exitCode === 0, detail: outcome.value.stdout + outcome.value.stderr });
  });
}

/** Runs a probe once. Returns what abandons it. */
export function runProbe(
  actors: Actors,
  target: ActionTarget,
  probe: Probe,
  done: (result: ActionResult) => void,
): () => void {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.httpGet) return httpGet(actors, target, probe.httpGet, timeoutMs, done);
  if (probe.tcpSocket) return tcp(actors, target, probe, timeoutMs, done);
  if (probe.grpc) return grpc(actors, target, probe, timeoutMs, done);
  if (probe.exec) return exec(actors, target, probe.exec.command ?? [], timeoutMs, done);
  done({ ok: true, detail: '' });
  return () => undefined;
}
