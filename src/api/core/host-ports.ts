import type { PodSpec } from '../types.ts';

/** A port of the node itself that a container takes. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const ANY = '0.0.0.0';
const NONE: readonly HostPort[] = [];

/** The host ports of a Pod's containers, sidecars included. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  let ports: HostPort[] | undefined;
  const collect = (container: PodSpec['containers'][number]): void => {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (!hostPort) continue;
      (ports ??= []).push({ ip: hostIP || ANY, protocol: protocol ?? 'TCP', port: hostPort });
    }
  };
  for (const container of spec.containers) collect(container);
  for (const container of spec.initContainers ?? []) if (container.restartPolicy === 'Always') collect(container);
  return ports ?? NONE;
}

/** The host ports in use on one node. The address 0.0.0.0 takes the port on every address. */
export class UsedPorts {
  /** Addresses in use by `TCP/8080`, each with how many Pods use it. */
  readonly #addresses = new Map<string, Map<string, number>>();

  add({ ip, protocol, port }: HostPort): void {
    const key = `${protocol}/${port}`;
    let users = this.#addresses.get(key);
    if (!users) this.#addresses.set(key, (users = new Map()));
    users.set(ip, (users.get(ip) ?? 0) + 1);
  }

  remove({ ip, protocol, port }: HostPort): void {
    const key = `${protocol}/${port}`;
    const users = this.#addresses.get(key);
    const count = users?.get(ip);
    if (!users || count === undefined) return;
    if (count > 1) users.set(ip, count - 1);
    else users.delete(ip);
    if (users.size === 0) this.#addresses.delete(key);
  }

  conflicts({ ip, protocol, port }: HostPort): boolean {
    const users = this.#addresses.get(`${protocol}/${port}`);
    if (!users) return false;
    return ip === ANY || users.has(ANY) || users.has(ip);
  }
}
