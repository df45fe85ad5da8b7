import type { NodeInfo } from './node-info.ts';

const zoneOf = ({ labels }: NodeInfo): string => {
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`;
};

/**
 * The nodes that exist, in the order in which cycles visit them: zones take turns, so that a search which
 * stops early has still seen every zone (nodeTree).
 */
export class NodeOrder {
  readonly #zones = new Map<string, Set<NodeInfo>>();
  readonly #zoneOf = new Map<NodeInfo, string>();
  #list: readonly NodeInfo[] | undefined = [];

  get list(): readonly NodeInfo[] {
    return (this.#list ??= this.#interleave());
  }

  /** Adds a node, or moves it when its zone has changed. */
  put(node: NodeInfo): void {
    const zone = zoneOf(node);
    const before = this.#zoneOf.get(node);
    if (before === zone) return;
    if (before !== undefined) this.remove(node);
    this.#zoneOf.set(node, zone);
    let members = this.#zones.get(zone);
    if (!members) this.#zones.set(zone, (members = new Set()));
    members.add(node);
    this.#list = undefined;
  }

  remove(node: NodeInfo): void {
    const zone = this.#zoneOf.get(node);
    if (zone === undefined) return;
    this.#zoneOf.delete(node);
    const members = this.#zones.get(zone)!;
    members.delete(node);
    if (members.size === 0) this.#zones.delete(zone);
    this.#list = undefined;
  }

  #interleave(): NodeInfo[] {
    const zones = [...this.#zones.values()].map((members) => [...members]);
    const longest = Math.max(0, ...zones.map(({ length }) => length));
    const list: NodeInfo[] = [];
    for (let i = 0; i < longest; i++) {
      for (const zone of zones) {
        const node = zone[i];
        if (node) list.push(node);
      }
    }
    return list;
  }
}
