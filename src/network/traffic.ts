/** What travels: requests, answers and what can go wrong. The shapes are those that the kubelet's programs use. */

export interface HttpMessage {
  readonly method: string;
  readonly path: string;
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

export interface Peer {
  readonly ip: string;
  readonly port: number;
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: 'A' | 'PTR' | 'SRV';
}

export interface DnsAnswer {
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  readonly records: readonly string[];
}

/** What listens on a port, by the protocols that it speaks. */
export interface Server {
  http?(message: HttpMessage, peer: Peer, reply: (answer: HttpReply) => void): void;
  text?(data: string, peer: Peer): string | undefined;
  health?(service: string): string;
  dns?(question: DnsQuestion): DnsAnswer;
}

export type Protocol = 'TCP' | 'UDP';
export type Fault = 'refused' | 'timeout' | 'reset' | 'unreachable';
export type Outcome<T> = { readonly value: T; readonly peer: Peer } | { readonly fault: Fault };

export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** What a node's packet rules make of a packet: another destination, a refusal, a silent loss, or nothing. */
export type Verdict =
  | { readonly kind: 'forward'; readonly to: Target; readonly service: string }
  | { readonly kind: 'reject'; readonly service: string }
  | { readonly kind: 'drop'; readonly service: string };

/** Rewrites where packets that leave or reach a node go (kube-proxy's part). */
export interface PacketRules {
  verdict(from: string, to: Target, protocol: Protocol): Verdict | undefined;
}
