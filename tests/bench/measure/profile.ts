import { Session } from 'node:inspector/promises';

/** A function with its own share of the time, callees left out. */
export interface Hot {
  readonly what: string;
  readonly percent: number;
}

/** Runs something under the sampling profiler. */
export async function profiled<T>(run: () => T, count = 5): Promise<{ result: T; top: Hot[] }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  const result = run();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const byId = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const own = new Map<string, number>();
  let total = 0;
  (profile.samples ?? []).forEach((id, i) => {
    const { functionName, url, lineNumber } = byId.get(id)!;
    const elapsed = profile.timeDeltas?.[i] ?? 0;
    total += elapsed;
    const place = url.replace(/^.*\/src\//, 'src/');
    const what = place ? `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}` : functionName;
    own.set(what, (own.get(what) ?? 0) + elapsed);
  });
  const sorted = [...own].sort((a, b) => b[1] - a[1]).slice(0, count);
  return { result, top: sorted.map(([what, elapsed]) => ({ what, percent: (100 * elapsed) / total })) };
}
