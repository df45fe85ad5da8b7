import type { Client, InformerFactory } from '../client/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { webHookExtender, type PostJson } from './configuration/extenders.ts';
import type { KubeSchedulerConfiguration } from './configuration/kube-scheduler-configuration.ts';
import type { PluginRegistry } from './configuration/registry.ts';
import type { Extender } from './extender.ts';
import type { PluginEntry } from './framework/plugin.ts';
import type { Profile } from './profile.ts';
import type { BackoffLimits } from './queue/backoff.ts';

/** What a scheduler is made of. */
export interface SchedulerOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly informers?: InformerFactory;
  /** Plugins of its only profile, in order; Kubernetes' default plugins unless given. */
  readonly profile?: readonly PluginEntry[];
  /** Pods with this spec.schedulerName are for its only profile. */
  readonly schedulerName?: string;
  /** Instead of these two: several profiles, each for the Pods with its name. */
  readonly profiles?: readonly Profile[];
  /** Instead of all of these: profiles, back-offs and extenders as in kube-scheduler's file. */
  readonly configuration?: KubeSchedulerConfiguration;
  /** Plugins beyond kube-scheduler's own that the configuration may name. */
  readonly outOfTree?: PluginRegistry;
  /** Reaches the extenders of the configuration; they cannot be reached unless given. */
  readonly post?: PostJson;
  /** Asked after the plugins, in order. */
  readonly extenders?: readonly Extender[];
  /** Lane of its work, where several schedulers run. */
  readonly component?: string;
  /** Where it runs, for the source of its events. */
  readonly host?: string;
}

const refuseConnection: PostJson = (url) => {
  throw new Error(`Post "${url}": dial tcp: connect: connection refused`);
};

/** The extenders that a scheduler asks, those of its configuration first. */
export function extendersOf({ configuration, extenders = [], post = refuseConnection }: SchedulerOptions): Extender[] {
  return [...(configuration?.extenders ?? []).map((each) => webHookExtender(each, post)), ...extenders];
}

/** How long Pods wait after failures. */
export function backoffLimits({ configuration = {} }: SchedulerOptions): BackoffLimits {
  const { podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10 } = configuration;
  return { firstMs: podInitialBackoffSeconds * 1_000, longestMs: podMaxBackoffSeconds * 1_000 };
}
