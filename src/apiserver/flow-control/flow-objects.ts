import { FlowSchemaKind } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfigurationKind } from '../../api/flowcontrol/priority-level-configuration.ts';
import { equal } from '../../api/draft.ts';
import type { Kind } from '../../api/kind.ts';
import { formatTime } from '../../api/meta.ts';
import type { KubeObject } from '../../api/object.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types.ts';
import { Loopback } from '../loopback.ts';
import type { ApiServer } from '../server.ts';
import { storagePrefix } from '../storage-keys.ts';
import { FlowControl } from './flow-control.ts';
import { serveDumps } from './flow-dumps.ts';
import { levelMetrics } from './flow-metrics.ts';

const COMPONENT = 'kube-apiserver';
const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec';
/** Levels and schemas without which nothing would be served. */
const MANDATORY: ReadonlySet<string> = new Set(['exempt', 'catch-all']);
const DELAY_MS = 5;
/** How often the server looks whether what it brought along is still as it was. */
const KEEP_INTERVAL_MS = 60_000;

type Configuration = KubeObject & { readonly spec?: unknown };

/** Says in each flow schema whether the level that it names is there. */
function keepConditions(server: ApiServer, flowControl: FlowControl, loopback: Loopback): () => void {
  let due = false;
  const check = (schema: FlowSchema): void => {
    const { name } = schema.spec.priorityLevelConfiguration;
    const dangling = !flowControl.hasLevel(name);
    const conditions = schema.status?.conditions ?? [];
    const before = conditions.find(({ type }) => type === 'Dangling');
    const status = dangling ? 'True' : 'False';
    const refers = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
    const message = dangling ? `${refers} but there is no such object` : `${refers} and it exists`;
    if (before?.status === status && before.message === message) return;
    const lastTransitionTime =
      (before?.status === status && before.lastTransitionTime) || formatTime(server.kernel.now);
    const condition = {
      type: 'Dangling',
      status,
      lastTransitionTime,
      reason: dangling ? 'NotFound' : 'Found',
      message,
    };
    const others = conditions.filter(({ type }) => type !== 'Dangling');
    loopback.update(FlowSchemaKind, { ...schema, status: { conditions: [...others, condition] } }, 'status');
  };
  const sync = (): void => {
    due = false;
    for (const schema of [...flowControl.schemas]) check(schema);
  };
  return () => {
    if (!due) server.kernel.after(DELAY_MS, COMPONENT, sync);
    due = true;
  };
}

/** Puts back what the server brought along, unless somebody asked it to leave that alone. */
function keepBootstrap<T extends Configuration>(server: ApiServer, kind: Kind<T>, loopback: Loopback): () => void {
  const brought = new Map<string, T>();
  for (const { value } of server.etcd.range({ prefix: storagePrefix(kind) }).entries) {
    const object = value as T;
    if (object.metadata.annotations?.[AUTO_UPDATE] !== undefined) brought.set(object.metadata.name, object);
  }
  return () => {
    for (const [name, { metadata, ...rest }] of brought) {
      const now = loopback.get(kind, name);
      if (!now) {
        loopback.create(kind, { ...rest, metadata: { name, annotations: metadata.annotations } });
        continue;
      }
      const kept = MANDATORY.has(name) || now.metadata.annotations?.[AUTO_UPDATE] === 'true';
      if (!kept || equal(now.spec, rest.spec)) continue;
      loopback.update(kind, { ...now, metadata: { ...now.metadata }, spec: rest.spec } as T);
    }
  };
}

/** Classifies requests by the flow schemas and priority levels that there are, and keeps those. */
export function controlFlows(server: ApiServer): void {
  const { kernel, etcd } = server;
  const flowControl = new FlowControl(server);
  server.flowControl = flowControl;
  const loopback = new Loopback(server);
  const conditionsDue = keepConditions(server, flowControl, loopback);
  const follow = <T>(kind: Kind<T & KubeObject>, set: (name: string, object: T | undefined) => void): void => {
    const prefix = storagePrefix(kind);
    etcd.watch({ prefix }, (changes) => {
      for (const { type, entry } of changes)
        set(entry.key.slice(prefix.length), type === 'put' ? (entry.value as T) : undefined);
      conditionsDue();
    });
  };
  follow<FlowSchema>(FlowSchemaKind, (name, schema) => flowControl.setSchema(name, schema));
  follow<PriorityLevelConfiguration>(PriorityLevelConfigurationKind, (name, level) =>
    flowControl.setLevel(name, level),
  );
  // What is there when the first event happens came with the server.
  kernel.after(0, COMPONENT, () => {
    const keep = [
      keepBootstrap(server, PriorityLevelConfigurationKind, loopback),
      keepBootstrap(server, FlowSchemaKind, loopback),
    ];
    const tick = (): void => {
      for (const one of keep) one();
      kernel.after(KEEP_INTERVAL_MS, COMPONENT, tick, { background: true });
    };
    kernel.after(KEEP_INTERVAL_MS, COMPONENT, tick, { background: true });
  });
  server.metrics.push(...levelMetrics(flowControl));
  serveDumps(server, flowControl);
}
