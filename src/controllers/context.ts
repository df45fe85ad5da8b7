import type { Kind } from '../api/kind.ts';
import type { ObjectMeta } from '../api/object.ts';
import type { UserInfo } from '../apiserver/request.ts';
import type { Client, InformerFactory } from '../client/index.ts';
import type { Kernel } from '../kernel/index.ts';
import type { CertificateAuthority } from './certificates/authority.ts';

/** Where the node IPAM controller takes Pod addresses from. */
export interface PodCidrOptions {
  /** Range of all Pods, `10.244.0.0/16`. */
  readonly clusterCidr: string;
  /** Prefix length of each node's part, 24. */
  readonly nodeMaskSize: number;
}

/** A token that a Secret holds: it is good for as long as the Secret and the account are there. */
export interface AccountToken {
  readonly namespace: string;
  /** Name of the Secret. */
  readonly secret: string;
  readonly account: ObjectMeta;
}

/** What every controller gets: the process that kube-controller-manager is. */
export interface ControllerContext {
  readonly kernel: Kernel;
  /** Reaches the API server; each controller asks under a name and user of its own. */
  readonly client: Client;
  /** Shared by all controllers of the process. */
  readonly informers: InformerFactory;
  /** Every kind that is served now, each in one version, for controllers that work on all of them. */
  readonly kinds: readonly Kind[];
  /** Calls back when that changes; returns a function that ends it. The kinds never change when absent. */
  readonly onKindsChange?: (listener: () => void) => () => void;
  /** Node CIDRs are not handed out when absent. */
  readonly podCidrs?: PodCidrOptions;
  /** The certificate, PEM, that kube-root-ca.crt publishes in every namespace. */
  readonly rootCa: string;
  /** Signs certificates: --cluster-signing-cert-file. None are signed when absent. */
  readonly certificateAuthority?: CertificateAuthority;
  /** Signs tokens of service accounts for Secrets: --service-account-private-key-file. None are made when absent. */
  readonly signAccountToken?: (token: AccountToken) => string;
}

/** A controller that runs until it is stopped. */
export interface Controller {
  stop(): void;
}

/** The service account under which a controller of kube-controller-manager asks. */
export const controllerUser = (name: string): UserInfo => ({
  username: `system:serviceaccount:kube-system:${name}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
});
