import { readFileSync } from 'node:fs';
import { ConfigMapKind } from '../../src/api/core/config-map.ts';
import { EventKind } from '../../src/api/core/event.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { SecretKind } from '../../src/api/core/secret.ts';
import type { CoreEvent, Pod, PodSpec } from '../../src/api/types.ts';
import { imagesBench } from './harness.ts';

interface RecordedPod {
  readonly t: number;
  readonly pod: string;
  readonly phase: string;
  readonly conditions: Readonly<Record<string, string>>;
  readonly deletionGracePeriodSeconds?: number;
  readonly [key: string]: unknown;
}

interface RecordedEvent {
  readonly t: number;
  readonly event: string;
  readonly reason: string;
  readonly from: string;
  readonly fieldPath?: string;
  readonly count: number;
  readonly message: string;
}

export interface Recording {
  readonly name: string;
  readonly manifest: { readonly metadata: { readonly name: string }; readonly spec: PodSpec };
  readonly timeline: readonly (RecordedPod | RecordedEvent)[];
}

/** One thing that was seen, in a form that two clusters can be compared by. */
export interface Seen {
  readonly t: number;
  readonly text: string;
}

export interface Timeline {
  readonly states: readonly Seen[];
  readonly events: readonly Seen[];
}

const FOLDER = new URL('../recordings/kubelet/', import.meta.url);

export const readRecording = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Recording;

const STATUSES = ['initContainerStatuses', 'containerStatuses'] as const;

const plain = (text: string): string =>
  text.replace(/_[a-z0-9-]+\(([0-9a-f-]{36}|<uid>)\)/g, '_NAMESPACE(UID)').replace(/\b10\.244\.\d+\.\d+\b/g, 'POD-IP');

interface ShownStatus {
  readonly name: string;
  readonly state: string;
  readonly ready: boolean;
  readonly started?: boolean | null;
  readonly restartCount: number;
  readonly reason?: string;
  readonly exitCode?: number;
  readonly message?: string;
  readonly last?: { readonly reason?: string; readonly exitCode?: number };
}

const statusText = (status: ShownStatus): string => {
  const { name, state, reason, exitCode, ready, started, restartCount, message, last } = status;
  const end = last ? ` last=${last.reason}:${last.exitCode}` : '';
  return `${name}:${state}${reason ? `/${reason}` : ''}${exitCode === undefined ? '' : `=${exitCode}`} ready=${ready} started=${started} restarts=${restartCount}${end}${message ? ` "${plain(message)}"` : ''}`;
};

const stateText = (
  phase: string,
  conditions: Readonly<Record<string, string>>,
  statuses: readonly ShownStatus[],
  extra: string,
): string =>
  [
    phase,
    Object.entries(conditions)
      .map(([type, value]) => `${type}=${value}`)
      .join(' '),
    ...statuses.map(statusText),
    extra,
  ]
    .filter(Boolean)
    .join(' | ');

const distinct = (seen: readonly Seen[]): Seen[] => seen.filter(({ text }, i) => text !== seen[i - 1]?.text);

/** What the recording shows of the kubelet: states from its first status on, and its events. */
export function recorded({ timeline }: Recording): Timeline {
  const origin = timeline[0]!.t;
  const states: Seen[] = [];
  const events: Seen[] = [];
  for (const entry of timeline) {
    const t = entry.t - origin;
    if ('event' in entry) {
      const { from, reason, fieldPath, count, message, event } = entry as RecordedEvent;
      if (from === 'kubelet')
        events.push({ t, text: `${event} ${reason} ${fieldPath ?? ''} x${count} ${plain(message)}` });
      continue;
    }
    const pod = entry as RecordedPod;
    if (!('PodReadyToStartContainers' in pod.conditions)) continue;
    const statuses = STATUSES.flatMap((key) => (pod[key] as ShownStatus[] | undefined) ?? []);
    states.push({
      t,
      text: stateText(
        pod.phase,
        pod.conditions,
        statuses,
        extraText(pod.reason as string, pod.message as string, pod.deletionGracePeriodSeconds),
      ),
    });
  }
  return { states: distinct(states), events };
}

const extraText = (reason: string | undefined, message: string | undefined, grace: number | undefined): string =>
  [reason, message, grace === undefined ? '' : `grace=${grace}`].filter(Boolean).join(' ');

/** When the recording deleted its Pod, and with which grace period. */
export function deletion({ timeline, manifest }: Recording): { t: number; grace: number } | undefined {
  const origin = timeline[0]!.t;
  const entry = timeline.find(
    (one): one is RecordedPod => 'pod' in one && one.deletionGracePeriodSeconds !== undefined,
  );
  if (!entry) return undefined;
  void manifest;
  return { t: entry.t - origin, grace: entry.deletionGracePeriodSeconds! };
}

function shown(pod: Pod): Seen['text'] | undefined {
  const { status, metadata } = pod;
  if (!status?.conditions?.some(({ type }) => type === 'PodReadyToStartContainers')) return undefined;
  const statuses = STATUSES.flatMap((key) => status[key] ?? []).map((one): ShownStatus => {
    const [state, detail] = Object.entries(one.state ?? {})[0] as [
      string,
      { reason?: string; exitCode?: number; message?: string },
    ];
    const last = one.lastState?.terminated;
    return {
      ...one,
      state,
      ...(detail.reason ? { reason: detail.reason } : {}),
      exitCode: detail.exitCode,
      message: detail.message,
      last,
    } as ShownStatus;
  });
  const conditions = Object.fromEntries(
    (status.conditions ?? []).map(({ type, status: is, reason }) => [type, reason ? `${is}:${reason}` : is]),
  );
  return stateText(
    status.phase!,
    conditions,
    statuses,
    extraText(status.reason, status.message, metadata.deletionGracePeriodSeconds),
  );
}

/** Runs the recording's Pod on a simulated node for as long as the recording lasts, or to `untilSeconds`. */
export function simulated(recording: Recording, untilSeconds = Infinity, seed = 1): Timeline {
  const bench = imagesBench(['busybox:1.36', 'registry.k8s.io/e2e-test-images/agnhost:2.63.0'], seed);
  const { client, kernel } = bench;
  client.resource(ConfigMapKind).create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cm1', namespace: 'lab' },
    data: { key: 'value' },
  });
  client.resource(SecretKind).create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'sec1', namespace: 'lab' },
    data: { password: 'cHc=' },
  });
  const states: Seen[] = [];
  const events: Seen[] = [];
  const begun = kernel.now;
  const at = (): number => Math.round((kernel.now - begun) / 100) / 10;
  client.resource(PodKind).watch(
    { namespace: 'lab' },
    {
      events: (batch) => {
        for (const { type, object } of batch) {
          const text = type === 'BOOKMARK' || type === 'ERROR' ? undefined : shown(object as Pod);
          if (text) states.push({ t: at(), text });
        }
      },
      closed: () => undefined,
    },
  );
  client.resource(EventKind).watch(
    { namespace: 'lab' },
    {
      events: (batch) => {
        for (const { type, object } of batch) {
          if (type === 'BOOKMARK' || type === 'ERROR') continue;
          const { type: kind, reason, message, count, involvedObject } = object as CoreEvent;
          events.push({
            t: at(),
            text: `${kind} ${reason} ${involvedObject.fieldPath ?? ''} x${count} ${plain(message ?? '')}`,
          });
        }
      },
      closed: () => undefined,
    },
  );
  const { name } = recording.manifest.metadata;
  bench.create(name, recording.manifest.spec);
  const end = Math.min(untilSeconds, recording.timeline.at(-1)!.t - recording.timeline[0]!.t);
  const gone = deletion(recording);
  if (gone && gone.t <= untilSeconds) {
    kernel.runUntil(begun + gone.t * 1000);
    bench.delete(name, gone.grace === 0 ? undefined : gone.grace);
  }
  kernel.runUntil(begun + (end + 3) * 1000);
  return { states: distinct(states), events };
}

/** Containers of a Pod are stopped all at once: which event comes first is chance. */
function together(seen: readonly Seen[]): Seen[] {
  const sorted = [...seen];
  const isKilling = ({ text }: Seen): boolean => text.startsWith('Normal Killing');
  for (let i = 0; i < sorted.length; i++) {
    let end = i;
    while (end < sorted.length && isKilling(sorted[end]!)) end++;
    if (end > i + 1) sorted.splice(i, end - i, ...sorted.slice(i, end).sort((a, b) => (a.text < b.text ? -1 : 1)));
    i = Math.max(i, end);
  }
  return sorted;
}

/** Seconds by which the time of something seen may differ: polls and probes have phases, retries a jitter of half their delay. */
const tolerance = (t: number, startSeconds: number): number => startSeconds + 0.5 * t;

/** The first difference between what was recorded and what the simulation showed up to a time; undefined when there is none. */
export function difference(
  recording: Recording,
  untilSeconds: number,
  seed: number,
  startSeconds = 3,
): string | undefined {
  const real = recorded(recording);
  const ours = simulated(recording, untilSeconds, seed);
  for (const kind of ['states', 'events'] as const) {
    const expected = together(real[kind].filter(({ t }) => t <= untilSeconds));
    const found = together(ours[kind]);
    for (const [i, { t, text }] of expected.entries()) {
      const one = found[i];
      if (one?.text !== text) return `${kind}[${i}] at ${t.toFixed(1)} s\n  real ${text}\n  ours ${one?.text}`;
      if (Math.abs(one.t - t) > tolerance(t, startSeconds))
        return `${kind}[${i}] "${text}" at ${one.t} s instead of ${t.toFixed(1)} s`;
    }
    const extra = found
      .slice(expected.length)
      .find(({ t }) => t < untilSeconds - tolerance(untilSeconds, startSeconds));
    if (extra) return `${kind}: at ${extra.t} s, beyond the recording: ${extra.text}`;
  }
  return undefined;
}
