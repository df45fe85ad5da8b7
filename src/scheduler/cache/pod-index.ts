import type { Labels } from '../../api/selector.ts';
import { selects, type AffinityTerm, type PodAffinityTerms } from './affinity-terms.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { PodTally } from './pod-tally.ts';

/** Pods of some sort that plugins ask for again and again. */
export interface PodQuery {
  /** Queries that select the same Pods have the same. */
  readonly id: string;
  readonly matches: (pod: PodInfo) => boolean;
  /** The only namespace whose Pods it may select. */
  readonly namespace?: string;
  /** Depends on the labels of namespaces. */
  readonly byNamespaceLabels?: boolean;
}

/** The placed Pods that have the same term. */
export interface TermGroup {
  readonly term: AffinityTerm;
  /** What a Pod that the term selects gains, or loses, by being near; REQUIRED where the term is no preference. */
  readonly weight: number;
  readonly tally: PodTally;
}

/** No preference weighs nothing: so much stands for terms that are required. */
export const REQUIRED = 0;
const MAX_QUERIES = 256;

/**
 * The placed Pods as seen by affinity and spreading: tallies of the Pods that someone has asked for, and the
 * terms that placed Pods have themselves. Each Pod that comes or goes is counted where it belongs, so that no
 * cycle has to look at all Pods.
 */
export class PodIndex {
  readonly #nodes: () => Iterable<NodeInfo>;
  readonly #namespaceLabels = new Map<string, Labels>();
  /** The one asked for last is last. */
  readonly #queries = new Map<string, { readonly query: PodQuery; readonly tally: PodTally }>();
  readonly #repelling = new Map<string, TermGroup>();
  readonly #scoring = new Map<string, TermGroup>();

  /** `nodes`: all that have Pods. */
  constructor(nodes: () => Iterable<NodeInfo>) {
    this.#nodes = nodes;
  }

  readonly namespaceLabels = (name: string): Labels => this.#namespaceLabels.get(name);

  setNamespace(name: string, labels: Labels | undefined): void {
    this.#namespaceLabels.set(name, labels);
    for (const [id, { query }] of this.#queries) if (query.byNamespaceLabels) this.#queries.delete(id);
  }

  add(pod: PodInfo, row: number): void {
    this.#account(pod, row, 1);
  }

  remove(pod: PodInfo, row: number): void {
    this.#account(pod, row, -1);
  }

  /** The Pods that a query selects, counted from now on. */
  tally(query: PodQuery): PodTally {
    const known = this.#queries.get(query.id);
    if (known) {
      if (this.#queries.size > MAX_QUERIES / 2) {
        this.#queries.delete(query.id);
        this.#queries.set(query.id, known);
      }
      return known.tally;
    }
    const tally = new PodTally();
    for (const { pods, row } of this.#nodes()) {
      for (const pod of pods.values()) if (query.matches(pod)) tally.add(row, 1);
    }
    if (this.#queries.size >= MAX_QUERIES) this.#queries.delete(this.#queries.keys().next().value!);
    this.#queries.set(query.id, { query, tally });
    return tally;
  }

  /** Placed Pods' required anti-affinity that speaks against a Pod. */
  repelling(pod: PodInfo): TermGroup[] {
    return this.#concerning(this.#repelling, pod);
  }

  /** Placed Pods' preferences, and required affinity, that speak for or against a Pod. */
  scoring(pod: PodInfo): TermGroup[] {
    return this.#concerning(this.#scoring, pod);
  }

  #concerning(groups: Map<string, TermGroup>, { pod }: PodInfo): TermGroup[] {
    const found: TermGroup[] = [];
    for (const [id, group] of groups) {
      if (group.tally.total === 0) groups.delete(id);
      else if (selects(group.term, pod, this.namespaceLabels)) found.push(group);
    }
    return found;
  }

  #account(pod: PodInfo, row: number, delta: 1 | -1): void {
    if (this.#queries.size > 0) {
      const { namespace } = pod.pod.metadata;
      for (const { query, tally } of this.#queries.values()) {
        if (query.namespace !== undefined && query.namespace !== namespace) continue;
        if (query.matches(pod)) tally.add(row, delta);
      }
    }
    if (pod.affinity.none) return;
    this.#accountTerms(pod.affinity, row, delta);
  }

  #accountTerms(
    { required, requiredAnti, preferred, preferredAnti }: PodAffinityTerms,
    row: number,
    delta: 1 | -1,
  ): void {
    const count = (groups: Map<string, TermGroup>, term: AffinityTerm, weight: number): void => {
      const id = `${term.topologyKey}/${weight}/${term.selects}`;
      let group = groups.get(id);
      if (!group) groups.set(id, (group = { term, weight, tally: new PodTally() }));
      group.tally.add(row, delta);
    };
    for (const term of requiredAnti) count(this.#repelling, term, REQUIRED);
    for (const term of required) count(this.#scoring, term, REQUIRED);
    for (const { term, weight } of preferred) count(this.#scoring, term, weight);
    for (const { term, weight } of preferredAnti) count(this.#scoring, term, -weight);
  }
}
