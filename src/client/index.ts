export { Client, type ApiEndpoint, type ClientOptions } from './client.ts';
export { causeNow } from './delivery.ts';
export {
  EventRecorder,
  referenceTo,
  type EventRecorderOptions,
  type EventReference,
  type EventSubject,
} from './event-recorder.ts';
export { InformerFactory } from './informer-factory.ts';
export { SharedInformer, type Handler, type InformerScope } from './informer.ts';
export { LeaderElector, type LeaderElectorOptions } from './leader-elector.ts';
export { ExponentialLimiter, TokenBucket, type RateLimiter } from './rate-limiter.ts';
export { Reconciler, type ReconcilerOptions } from './reconciler.ts';
export {
  ResourceClient,
  type DeleteOptions,
  type ListOptions,
  type WatchOptions,
  type WriteOptions,
} from './resource-client.ts';
export { objectKey, type IndexFunction } from './store.ts';
export { WorkQueue } from './work-queue.ts';
