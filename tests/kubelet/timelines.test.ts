import { describe, expect, test } from 'vitest';
import { difference, readRecording } from './timeline.ts';

/**
 * The recordings that hold, each up to the second to which it does. What happens later is either chance or
 * something that was done to the Pod from outside. `start`: how late the recorded machine, busy as it was, may
 * have been, seconds.
 */
const HOLD: readonly { readonly name: string; readonly until: number; readonly start?: number }[] = [
  { name: 'badimage-name', until: 539 },
  { name: 'crash', until: 300 },
  { name: 'deadline', until: 512 },
  { name: 'evict-emptydir', until: 507 },
  { name: 'evict-ephemeral', until: 507 },
  { name: 'fail-logs', until: 513 },
  { name: 'full', until: 63 },
  { name: 'gate-ready', until: 40 },
  { name: 'grpc', until: 300 },
  { name: 'hostnet', until: 508 },
  { name: 'init-fail-never', until: 518 },
  { name: 'live-http', until: 300 },
  { name: 'neverpull', until: 535 },
  { name: 'nocm-vol', until: 537 },
  { name: 'nonroot', until: 514 },
  { name: 'nosec-vol', until: 534 },
  { name: 'onfailure', until: 513 },
  { name: 'oom-pid1', until: 540 },
  { name: 'poststart-fail', until: 526 },
  { name: 'prestop-fail', until: 65 },
  { name: 'prestop-sleep', until: 62 },
  { name: 'prestop-slow', until: 64 },
  { name: 'priv', until: 160, start: 15 },
  { name: 'probe-grace', until: 50, start: 15 },
  { name: 'ready-refused', until: 300 },
  { name: 'ready-tcp', until: 300 },
  { name: 'ready-timeout', until: 526 },
  { name: 'resize', until: 40 },
  { name: 'rules', until: 506 },
  { name: 'secctx', until: 510 },
  { name: 'sharepid', until: 505 },
  { name: 'startup-fail', until: 527 },
  { name: 'stopsig', until: 73 },
  { name: 'subpath', until: 160, start: 15 },
];

/** Retries have a random share: of a long recording the same history comes about for some seeds only. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

describe('the kubelet does what a real one did', () => {
  test.each(HOLD)('$name', ({ name, until, start = 3 }) => {
    const recording = readRecording(name);
    let found: string | undefined;
    for (const seed of SEEDS) {
      found = difference(recording, until, seed, start);
      if (found === undefined) break;
    }
    expect(found).toBeUndefined();
  });
});
