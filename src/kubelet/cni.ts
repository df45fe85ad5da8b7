import type { DnsConfig } from './runtime/cri.ts';

/** The network plugin of one node: gives a sandbox its addresses and takes them back. */
export interface Cni {
  add(sandbox: CniSandbox): { readonly ips: readonly string[] } | { readonly problem: string };
  del(sandboxId: string): void;
}

export interface CniSandbox {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly hostNetwork: boolean;
  /** The node's range of Pod addresses. */
  readonly podCidr: string | undefined;
}

export interface HttpMessage {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long the server takes, virtual milliseconds: none unless given. */
  readonly afterMs?: number;
}

/** Who is at the other end of a connection, as the server sees it. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
}

/** What listens on a port. A server answers what it speaks; other protocols get a closed connection. */
export interface Server {
  /** Answers by calling `reply`, now or later; never calling it leaves the client waiting. */
  http?(message: HttpMessage, peer: Peer, reply: (answer: HttpReply) => void): void;
  /** Plain TCP or UDP: text in, text out; undefined closes without an answer. */
  text?(data: string, peer: Peer): string | undefined;
  /** The gRPC health protocol: what it answers for a service. */
  health?(service: string): 'SERVING' | 'NOT_SERVING' | 'UNKNOWN';
  /** DNS: the answer to one question. */
  dns?(question: DnsQuestion): DnsAnswer;
}

export interface DnsQuestion {
  /** Absolute, without the final dot, lower case. */
  readonly name: string;
  readonly type: 'A' | 'PTR' | 'SRV';
}

export interface DnsAnswer {
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  readonly records: readonly string[];
}

/** What keeps a connection from being made or finished. */
export type NetworkFault = 'refused' | 'timeout' | 'reset' | 'unreachable';

export type NetworkOutcome<T> = { readonly value: T; readonly peer: Peer } | { readonly fault: NetworkFault };

export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** The network as programs in Pods, and the kubelet's probes, use it. Answers come as later kernel events. */
export interface PodNetwork {
  /** Opens a port on an address. Returns what closes it, or undefined when it is taken. */
  listen(ip: string, port: number, server: Server, protocol?: 'TCP' | 'UDP'): (() => void) | undefined;
  /** One HTTP exchange over a fresh connection. Returns what abandons it. */
  request(
    from: string,
    to: Target,
    message: HttpMessage,
    timeoutMs: number,
    done: (outcome: NetworkOutcome<HttpReply>) => void,
  ): () => void;
  /** Connects, sends text (none: only connects), takes the answer. */
  exchange(
    from: string,
    to: Target,
    data: string | undefined,
    timeoutMs: number,
    done: (outcome: NetworkOutcome<string>) => void,
    protocol?: 'TCP' | 'UDP',
  ): () => void;
  /** One gRPC health check. */
  health(
    from: string,
    to: Target,
    service: string,
    timeoutMs: number,
    done: (outcome: NetworkOutcome<string>) => void,
  ): () => void;
  /** One question to one DNS server. */
  query(
    from: string,
    server: string,
    question: DnsQuestion,
    timeoutMs: number,
    done: (outcome: NetworkOutcome<DnsAnswer>) => void,
  ): () => void;
}

export type { DnsConfig };
