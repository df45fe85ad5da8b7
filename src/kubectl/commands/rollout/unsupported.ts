import type { Mapping } from '../../discovery.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';

/** Kinds that are rolled out. */
export const ROLLED_OUT: readonly string[] = ['Deployment', 'DaemonSet', 'StatefulSet'];

/** Kinds of which kubectl knows that they are workloads, without a history. */
const WORKLOADS = ['Job', 'CronJob', 'Pod', 'ReplicaSet', 'ReplicationController'];

const RETRIEVED = { rollbacker: 'rollbacker', 'history viewer': 'history' } as const;

/** The refusal for a kind that is not rolled out, in the words of what was to do it. */
export const unsupported = ({ group, kind }: Mapping, viewer: keyof typeof RETRIEVED): CliError =>
  new CliError(
    WORKLOADS.includes(kind)
      ? `no ${viewer} has been implemented for ${goQuote(group ? `${kind}.${group}` : kind)}`
      : `error retrieving ${RETRIEVED[viewer]} for ${goQuote(kind)}, no visitor method exists for {${group} ${kind}}`,
  );
