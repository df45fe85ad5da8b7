export { DEFAULT_EPOCH_MS, Kernel, type KernelOptions, type Timer, type TimerOptions } from './kernel.ts';
export { Random } from './random.ts';
export { hostClock, RealTimeDriver, type DriverOptions, type WallClock } from './real-time-driver.ts';
export { Trace, type Attributes, type AttributeValue, type Span, type TraceOptions } from './trace.ts';
