/** What becomes of the instances of a definition that is being deleted (apiextensions-apiserver's finalizer controller). */
import { formatTime } from '../../api/meta.ts';
import { ApiError } from '../../api/status.ts';
import type { Endpoint } from '../endpoint.ts';
import { LOOPBACK_USER } from '../loopback.ts';
import { selected } from '../registry/read.ts';
import type { ApiServer } from '../server.ts';
import { CLEANUP, isTrue, withCondition, type Definition } from './definition.ts';

/** The state that a definition is deleted in. */
const condition = (status: string, reason: string, message: string) =>
  ({ type: 'Terminating', status, reason, message }) as const;

/** A definition whose deletion begins: it is held until its instances are gone. */
export function withCleanup(definition: Definition, now: string): Definition {
  const { metadata } = definition;
  const finalizers = metadata.finalizers ?? [];
  const held = finalizers.includes(CLEANUP) ? finalizers : [...finalizers, CLEANUP];
  return withCondition(
    { ...definition, metadata: { ...metadata, finalizers: held } },
    condition(
      'True',
      'InstanceDeletionPending',
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    ),
    now,
  );
}

/** Whether a definition waits for its instances to go. */
export const needsCleanup = ({ metadata }: Definition): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(CLEANUP) ?? false);

export const inProgress = (definition: Definition, now: string): Definition =>
  withCondition(
    definition,
    condition('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress'),
    now,
  );

/** A definition that nothing holds any more, at least nothing of this. */
function released(definition: Definition, reason: string, message: string, now: string): Definition {
  const finalizers = definition.metadata.finalizers?.filter((finalizer) => finalizer !== CLEANUP) ?? [];
  const { finalizers: _, ...rest } = definition.metadata;
  const metadata = finalizers.length > 0 ? { ...rest, finalizers } : rest;
  return withCondition({ ...definition, metadata }, condition('False', reason, message), now);
}

/**
 * Deletes the instances of a definition. Answers the definition without its finalizer once all are gone; undefined when
 * some are left, which finalizers of their own may hold.
 */
export function cleanUp(
  server: ApiServer,
  definition: Definition,
  endpoint: Endpoint | undefined,
): Definition | undefined {
  const now = formatTime(server.kernel.now);
  if (!isTrue(definition, 'Established') || !endpoint)
    return released(definition, 'NeverEstablished', 'resource was never established', now);
  const remaining = (): readonly string[] => [
    ...new Set(selected(server.etcd, endpoint, {}).map(({ metadata }) => metadata.namespace ?? '')),
  ];
  const { group, version, resource } = endpoint.kind;
  for (const namespace of remaining()) {
    try {
      server.serve({
        verb: 'deletecollection',
        group,
        version,
        resource,
        ...(namespace ? { namespace } : {}),
        user: LOOPBACK_USER,
        userAgent: 'kube-apiserver',
        options: {},
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  return remaining().length > 0
    ? undefined
    : released(definition, 'InstanceDeletionCompleted', 'removed all instances', now);
}
