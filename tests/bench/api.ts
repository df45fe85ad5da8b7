import type { Benchmark } from './result.ts';
import { runChild } from './run-child.ts';

const PODS = 10_000;
const MEBIBYTE = 1024 ** 2;

interface Measured {
  readonly createsPerSecond: number;
  readonly patchesPerSecond: number;
  /** One list of every Pod. */
  readonly listMs: number;
  /** Live heap per stored Pod. */
  readonly podBytes: number;
  /** A write and its delivery while 50 and 5,000 others watch other nodes. */
  readonly fewMicros: number;
  readonly manyMicros: number;
  readonly httpCreatesPerSecond: number;
  readonly httpPatchesPerSecond: number;
  readonly httpListMs: number;
}

/** What the API server does in a second: by a client of the same process, beside the same requests over plain HTTP. */
export const api: Benchmark = {
  name: 'api',
  async run() {
    const found = await runChild<Measured>('api.ts', [PODS]);
    const http = 'the same over HTTP';
    return {
      results: [
        {
          name: 'api-create-pod',
          unit: 'creates/s',
          ours: found.createsPerSecond,
          peer: found.httpCreatesPerSecond,
          peerName: http,
          ratio: found.createsPerSecond / found.httpCreatesPerSecond,
        },
        {
          name: 'api-patch-pod',
          unit: 'patches/s',
          ours: found.patchesPerSecond,
          peer: found.httpPatchesPerSecond,
          peerName: http,
          ratio: found.patchesPerSecond / found.httpPatchesPerSecond,
        },
        {
          name: `api-list-${PODS}`,
          unit: 'ms',
          ours: found.listMs,
          peer: found.httpListMs,
          peerName: http,
          ratio: found.httpListMs / found.listMs,
        },
        {
          name: 'api-fan-out-5000',
          unit: 'µs/write',
          ours: found.manyMicros,
          peer: found.fewMicros,
          peerName: 'with 50 watches',
          ratio: found.fewMicros / found.manyMicros,
        },
        { name: `api-memory-${PODS}`, unit: 'MiB', ours: (found.podBytes * PODS) / MEBIBYTE },
      ],
    };
  },
};
