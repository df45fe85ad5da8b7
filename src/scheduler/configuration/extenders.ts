import type { Node, Pod } from '../../api/types.ts';
import type { Extender, ExtenderVictims } from '../extender.ts';
import type { ExtenderConfiguration } from './kube-scheduler-configuration.ts';

/** Sends JSON to a web hook and gives what it answers; throws when it cannot be reached or refuses. */
export type PostJson = (url: string, body: object) => unknown;

/** What extenders answer (k8s.io/kube-scheduler/extender/v1). */
interface FilterResult {
  readonly nodes?: { readonly items?: readonly Node[] } | null;
  readonly nodenames?: readonly string[] | null;
  readonly failedNodes?: Readonly<Record<string, string>> | null;
  readonly failedAndUnresolvableNodes?: Readonly<Record<string, string>> | null;
  readonly error?: string;
}

interface PreemptionResult {
  readonly nodeNameToMetaVictims?: Readonly<
    Record<string, { readonly pods?: readonly { readonly uid: string }[]; readonly numPDBViolations?: number }>
  > | null;
}

const mapOf = (record: Readonly<Record<string, string>> | null | undefined): Map<string, string> =>
  new Map(Object.entries(record ?? {}));

const nodesOf = (nodes: readonly Node[], byName: boolean): object =>
  byName
    ? { nodenames: nodes.map(({ metadata }) => metadata.name) }
    : { nodes: { apiVersion: 'v1', kind: 'NodeList', metadata: {}, items: nodes } };

/** An extender behind web hooks, as a configuration describes it. */
export function webHookExtender(configuration: ExtenderConfiguration, post: PostJson): Extender {
  const { urlPrefix, filterVerb, prioritizeVerb, bindVerb, preemptVerb, nodeCacheCapable = false } = configuration;
  const { managedResources, ignorable, weight } = configuration;
  const url = (verb: string): string => `${urlPrefix.replace(/\/$/, '')}/${verb}`;
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(ignorable === undefined ? {} : { ignorable }),
    ...(managedResources?.length ? { managedResources: managedResources.map(({ name }) => name) } : {}),
    ...(filterVerb
      ? {
          filter(pod: Pod, nodes: readonly Node[]) {
            const answer = post(url(filterVerb), { pod, ...nodesOf(nodes, nodeCacheCapable) }) as FilterResult;
            if (answer.error) throw new Error(answer.error);
            const failedAndUnresolvable = mapOf(answer.failedAndUnresolvableNodes);
            const failed = mapOf(answer.failedNodes);
            const left = answer.nodenames ?? answer.nodes?.items?.map(({ metadata }) => metadata.name);
            // Nodes that it does not give back without a word are out too.
            if (left) {
              for (const { metadata } of nodes) {
                if (left.includes(metadata.name) || failedAndUnresolvable.has(metadata.name)) continue;
                if (!failed.has(metadata.name)) failed.set(metadata.name, '');
              }
            }
            return { failed, failedAndUnresolvable };
          },
        }
      : {}),
    ...(prioritizeVerb
      ? {
          prioritize(pod: Pod, nodes: readonly Node[]) {
            const answer = post(url(prioritizeVerb), { pod, ...nodesOf(nodes, nodeCacheCapable) });
            return new Map((answer as { host: string; score: number }[]).map(({ host, score }) => [host, score]));
          },
        }
      : {}),
    ...(bindVerb
      ? {
          bind({ metadata }: Pod, node: string) {
            const { name, namespace, uid } = metadata;
            const body = { podName: name, podNamespace: namespace, podUID: uid, node };
            const { error } = post(url(bindVerb), body) as { readonly error?: string };
            if (error) throw new Error(error);
          },
        }
      : {}),
    ...(preemptVerb
      ? {
          preempt(pod: Pod, candidates: ReadonlyMap<string, ExtenderVictims>) {
            const nodeNameToMetaVictims = Object.fromEntries(
              [...candidates].map(([node, { pods, violations }]) => [
                node,
                { pods: pods.map(({ metadata }) => ({ uid: metadata.uid })), numPDBViolations: violations },
              ]),
            );
            const answer = post(url(preemptVerb), { pod, nodeNameToMetaVictims }) as PreemptionResult;
            return new Map(
              Object.entries(answer.nodeNameToMetaVictims ?? {}).map(([node, { pods = [], numPDBViolations }]) => {
                const kept = new Set(pods.map(({ uid }) => uid));
                const known = candidates.get(node)?.pods ?? [];
                const victims = known.filter(({ metadata }) => kept.has(metadata.uid ?? ''));
                return [node, { pods: victims, violations: numPDBViolations ?? 0 }];
              }),
            );
          },
        }
      : {}),
  };
}
