export { nodeResourcesFitBy } from './plugins/node-resources-fit.ts';
export type { ScoringStrategy } from './plugins/scoring-strategy.ts';
export { defaultProfile } from './plugins/default-profile.ts';
export type { ClusterEvent } from './framework/cluster-event.ts';
export { Cycle, stateKey } from './framework/cycle.ts';
export type { Handle, Plugin, PluginEntry, PluginFactory } from './framework/plugin.ts';
export type { Profile } from './profile.ts';
export { SKIP, status, type Status, type StatusCode } from './framework/status.ts';
export { Scheduler, type SchedulerOptions } from './scheduler.ts';
