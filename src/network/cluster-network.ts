import type { Kernel, Random, Timer } from '../kernel/index.ts';
import { AddressPool } from './address-pool.ts';
import type {
  DnsAnswer,
  DnsQuestion,
  Fault,
  HttpMessage,
  HttpReply,
  Outcome,
  PacketRules,
  Peer,
  Protocol,
  Server,
  Target,
} from './traffic.ts';

export interface NetworkLatency {
  /** One way within a node, and between nodes, milliseconds; each packet takes between half and one and a half times this. */
  readonly localMs: number;
  readonly remoteMs: number;
}

export interface ClusterNetworkOptions {
  readonly kernel: Kernel;
  readonly latency?: Partial<NetworkLatency>;
}

const LATENCY: NetworkLatency = { localMs: 0.2, remoteMs: 0.6 };
const LANE = 'network';
/** Source ports are taken from here up, as Linux does. */
const FIRST_SOURCE_PORT = 32_768;
const SOURCE_PORTS = 28_232;

interface Listener {
  readonly port: number;
  readonly protocol: Protocol;
  readonly server: Server;
}

const NOBODY: readonly Listener[] = [];

interface Interface {
  readonly ip: string;
  readonly node: string;
  /** One or two as a rule, so that a list serves. */
  listeners: readonly Listener[];
}

interface Machine {
  readonly ip: string;
  up: boolean;
  rules: PacketRules | undefined;
  pools: Map<string, AddressPool>;
}

const listenerOf = ({ listeners }: Interface, port: number, protocol: Protocol): Listener | undefined =>
  listeners.find((listener) => listener.port === port && listener.protocol === protocol);

/** What a server does with what arrived: answers by `reply`, or not at all. */
type Serve<T> = (server: Server, peer: Peer, reply: (value: T | undefined) => void) => void;

/**
 * The network between the Pods and nodes of a cluster: addresses, routes, packets as kernel events with latency.
 * Services exist only in the packet rules of the nodes; without a proxy their addresses lead nowhere.
 */
export class ClusterNetwork {
  readonly #kernel: Kernel;
  readonly #latency: NetworkLatency;
  readonly #random: Random;
  readonly #interfaces = new Map<string, Interface>();
  readonly #machines = new Map<string, Machine>();
  #connections = 0;

  constructor({ kernel, latency }: ClusterNetworkOptions) {
    this.#kernel = kernel;
    this.#latency = { ...LATENCY, ...latency };
    this.#random = kernel.random(LANE);
  }

  // Nodes

  addNode(name: string, ip: string): void {
    this.#machines.set(name, { ip, up: true, rules: undefined, pools: new Map() });
    this.#interfaces.set(ip, { ip, node: name, listeners: NOBODY });
  }

  removeNode(name: string): void {
    this.#machines.delete(name);
    for (const { ip, node } of [...this.#interfaces.values()]) if (node === name) this.#interfaces.delete(ip);
  }

  /** A node that is down neither sends nor answers. */
  setNodeUp(name: string, up: boolean): void {
    const machine = this.#machines.get(name);
    if (machine) machine.up = up;
  }

  /** Installs a node's packet rules; undefined removes them. */
  setRules(node: string, rules: PacketRules | undefined): void {
    const machine = this.#machines.get(node);
    if (machine) machine.rules = rules;
  }

  /** An address of its own on a node, such as the cluster DNS server's. */
  addAddress(ip: string, node: string): void {
    this.#interfaces.set(ip, { ip, node, listeners: NOBODY });
  }

  removeAddress(ip: string): void {
    this.#interfaces.delete(ip);
  }

  /** The network plugin of a node: Pod addresses from the node's range. */
  cni(node: string): {
    add(sandbox: {
      id: string;
      hostNetwork: boolean;
      podCidr: string | undefined;
    }): { ips: readonly string[] } | { problem: string };
    del(sandboxId: string): void;
  } {
    const given = new Map<string, { readonly ip: string; readonly pool: AddressPool }>();
    return {
      add: ({ id, hostNetwork, podCidr }) => {
        const machine = this.#machines.get(node);
        if (!machine) return { problem: `node ${node} is not part of the network` };
        if (hostNetwork) return { ips: [machine.ip] };
        if (!podCidr)
          return { problem: `plugin type="bridge" failed (add): no podCIDR is assigned to node ${node} yet` };
        let pool = machine.pools.get(podCidr);
        if (!pool) machine.pools.set(podCidr, (pool = new AddressPool(podCidr)));
        const ip = pool.take();
        if (!ip) {
          return {
            problem: `plugin type="host-local" failed (add): no IP addresses available in range set: ${podCidr}`,
          };
        }
        given.set(id, { ip, pool });
        this.#interfaces.set(ip, { ip, node, listeners: NOBODY });
        return { ips: [ip] };
      },
      del: (id) => {
        const one = given.get(id);
        if (!one) return;
        given.delete(id);
        one.pool.release(one.ip);
        this.#interfaces.delete(one.ip);
      },
    };
  }

  // Servers

  listen(ip: string, port: number, server: Server, protocol: Protocol = 'TCP'): (() => void) | undefined {
    const at = this.#interfaces.get(ip);
    if (!at || listenerOf(at, port, protocol)) return undefined;
    const listener: Listener = { port, protocol, server };
    at.listeners = at.listeners.concat([listener]);
    return () => {
      at.listeners = at.listeners.filter((other) => other !== listener);
    };
  }

  // Clients

  request(
    from: string,
    to: Target,
    message: HttpMessage,
    timeoutMs: number,
    done: (outcome: Outcome<HttpReply>) => void,
  ): () => void {
    const title = `${message.method} http://${to.ip}:${to.port}${message.path}`;
    return this.#send<HttpReply>(title, from, to, 'TCP', timeoutMs, done, (server, peer, reply) => {
      if (server.http)
        server.http(message, peer, (answer) => {
          if (answer.afterMs) this.#kernel.after(answer.afterMs, LANE, () => reply(answer));
          else reply(answer);
        });
      else if (server.text) {
        const answer = server.text(`${message.method} ${message.path} HTTP/1.1\r\n\r\n`, peer);
        reply(answer === undefined ? undefined : { status: 200, headers: {}, body: answer });
      } else reply(undefined);
    });
  }

  /**
   * A request that is answered within the step in which it is made: for who cannot wait, as an API request cannot that
   * asks a webhook on its way. Takes no virtual time; a server that does not answer at once runs into the timeout.
   */
  requestAtOnce(from: string, to: Target, message: HttpMessage): Outcome<HttpReply> {
    const sender = this.#interfaces.get(from);
    const target = this.#interfaces.get(to.ip);
    const peer: Peer = { ip: from, port: FIRST_SOURCE_PORT + (this.#connections++ % SOURCE_PORTS) };
    const title = `${message.method} https://${to.ip}:${to.port}${message.path}`;
    const span = this.#kernel.trace.start(LANE, title, { from, to: `${to.ip}:${to.port}`, node: sender?.node });
    let reply: HttpReply | undefined;
    let fault: Fault | undefined;
    const server = target && listenerOf(target, to.port, 'TCP')?.server;
    if (!target || !this.#isUp(sender) || !this.#isUp(target)) fault = 'timeout';
    else if (!server) fault = 'refused';
    else if (!server.http) fault = 'reset';
    else this.#kernel.trace.within(span, () => server.http!(message, peer, (answer) => (reply = answer)));
    const outcome: Outcome<HttpReply> = reply
      ? { value: reply, peer: { ip: to.ip, port: to.port } }
      : { fault: fault ?? 'timeout' };
    this.#kernel.trace.end(span, 'fault' in outcome ? { fault: outcome.fault } : undefined);
    return outcome;
  }

  exchange(
    from: string,
    to: Target,
    data: string | undefined,
    timeoutMs: number,
    done: (outcome: Outcome<string>) => void,
    protocol: Protocol = 'TCP',
  ): () => void {
    return this.#send<string>(
      `connect ${to.ip}:${to.port}`,
      from,
      to,
      protocol,
      timeoutMs,
      done,
      (server, peer, reply) => {
        reply(data === undefined ? '' : (server.text?.(data, peer) ?? ''));
      },
    );
  }

  health(
    from: string,
    to: Target,
    service: string,
    timeoutMs: number,
    done: (outcome: Outcome<string>) => void,
  ): () => void {
    // A gRPC client keeps trying to connect until its deadline.
    const patient = (outcome: Outcome<string>): void => {
      if (!('fault' in outcome) || outcome.fault === 'timeout') {
        done(outcome);
        return;
      }
      const rest = timeoutMs - (this.#kernel.now - begun);
      waiting = this.#kernel.after(rest, LANE, () => done({ fault: 'timeout' }));
    };
    const begun = this.#kernel.now;
    let waiting: Timer | undefined;
    const abandon = this.#send<string>(
      `health ${to.ip}:${to.port}`,
      from,
      to,
      'TCP',
      timeoutMs,
      patient,
      (server, _, reply) => {
        reply(server.health?.(service));
      },
    );
    return () => {
      waiting?.cancel();
      abandon();
    };
  }

  query(
    from: string,
    server: string,
    question: DnsQuestion,
    timeoutMs: number,
    done: (outcome: Outcome<DnsAnswer>) => void,
  ): () => void {
    const title = `DNS ${question.type}? ${question.name}`;
    return this.#send<DnsAnswer>(title, from, { ip: server, port: 53 }, 'UDP', timeoutMs, done, (dns, _, reply) =>
      reply(dns.dns?.(question)),
    );
  }

  /** One exchange: there, served, and back. */
  #send<T>(
    title: string,
    from: string,
    asked: Target,
    protocol: Protocol,
    timeoutMs: number,
    done: (outcome: Outcome<T>) => void,
    serve: Serve<T>,
  ): () => void {
    const kernel = this.#kernel;
    const loopback = asked.ip === '127.0.0.1';
    const addressed = loopback ? { ip: from, port: asked.port } : asked;
    const sender = this.#interfaces.get(from);
    const verdict = this.#verdict(sender, from, addressed, protocol, loopback);
    const to = verdict?.kind === 'forward' ? verdict.to : addressed;
    const peer: Peer = { ip: from, port: FIRST_SOURCE_PORT + (this.#connections++ % SOURCE_PORTS) };
    const span = kernel.trace.start(LANE, title, {
      from,
      to: `${to.ip}:${to.port}`,
      node: sender?.node,
      ...(verdict ? { service: verdict.service } : {}),
    });
    let over = false;
    let timer: Timer | undefined;
    const finish = (outcome: Outcome<T>): void => {
      if (over) return;
      over = true;
      timer?.cancel();
      kernel.trace.end(span, 'fault' in outcome ? { fault: outcome.fault } : undefined);
      kernel.trace.within(span, () => done(outcome));
    };
    const fail = (fault: Fault, afterMs: number): void => {
      kernel.after(afterMs, LANE, () => finish({ fault }));
    };
    kernel.trace.within(span, () => {
      if (timeoutMs !== Infinity) timer = kernel.after(timeoutMs, LANE, () => finish({ fault: 'timeout' }));
      if (!this.#isUp(sender) || verdict?.kind === 'drop') return;
      if (verdict?.kind === 'reject') {
        fail('refused', this.#hop(sender!.node, sender!.node));
        return;
      }
      const target = this.#interfaces.get(to.ip);
      if (!target) return;
      kernel.after(this.#hop(sender!.node, target.node), LANE, () => {
        if (over) return;
        const there = this.#interfaces.get(to.ip);
        if (!there || !this.#isUp(there)) return;
        const back = (): number => this.#hop(there.node, sender!.node);
        const server = listenerOf(there, to.port, protocol)?.server;
        if (!server) {
          fail('refused', back());
          return;
        }
        serve(server, peer, (value) => {
          if (value === undefined) fail('reset', back());
          else kernel.after(back(), LANE, () => finish({ value, peer: { ip: to.ip, port: to.port } }));
        });
      });
    });
    return () => {
      over = true;
      timer?.cancel();
      kernel.trace.end(span, { abandoned: true });
    };
  }

  #isUp(at: Interface | undefined): boolean {
    return at !== undefined && (this.#machines.get(at.node)?.up ?? true);
  }

  /** The sender's node rewrites first; a packet to a node's own port is also rewritten where it arrives. */
  #verdict(
    sender: Interface | undefined,
    from: string,
    to: Target,
    protocol: Protocol,
    loopback: boolean,
  ): ReturnType<PacketRules['verdict']> {
    if (!sender) return undefined;
    const here = this.#machines.get(sender.node)?.rules?.verdict(from, to, protocol);
    if (here || loopback) return here;
    const there = this.#interfaces.get(to.ip);
    if (!there || there.node === sender.node || this.#machines.get(there.node)?.ip !== to.ip) return undefined;
    return this.#machines.get(there.node)?.rules?.verdict(from, to, protocol);
  }

  #hop(from: string, to: string): number {
    return (from === to ? this.#latency.localMs : this.#latency.remoteMs) * (0.5 + this.#random.next());
  }
}
