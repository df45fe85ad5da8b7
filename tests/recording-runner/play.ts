import { recorded } from './normalise.ts';
import { Rig } from './rig.ts';
import { Unplayable } from './shell.ts';
import type { Stage } from './stage.ts';

export interface Recording {
  readonly name: string;
  readonly about: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly run?: string;
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly unordered?: boolean;
  readonly until?: string;
  readonly equals?: string | number;
  readonly matches?: string;
  readonly timeout?: number;
  readonly sleep?: number;
  readonly audit?: 'start' | 'stop';
  readonly requests?: readonly { component: string; verb: string; resource: string; name: string; code: number }[];
}

export interface Difference {
  readonly step: number;
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

export interface Played {
  readonly agreed: number;
  readonly steps: number;
  readonly differences: readonly Difference[];
}

/** Plays a recording, on a cluster of its own unless a stage is given; goes on after differences to count them. */
export const play = async (recording: Recording, rig: Stage = new Rig(recording.files ?? {})): Promise<Played> => {
  await rig.start();
  const differences: Difference[] = [];
  for (const [index, step] of recording.steps.entries()) {
    try {
      const found = await playStep(rig, step, recording.about);
      if (found) differences.push({ step: index, ...found });
    } catch (error) {
      const what = error instanceof Unplayable ? 'unplayable' : 'crash';
      differences.push({
        step: index,
        what,
        expected: step.run ?? step.until ?? '',
        actual:
          error instanceof Error ? (what === 'crash' ? (error.stack ?? error.message) : error.message) : String(error),
      });
      if (what === 'unplayable') break;
    }
    // A cluster that never gets there would hold up everything behind it.
    if (differences.filter(({ what }) => what === 'until').length > 1) break;
  }
  await rig.end?.();
  return { agreed: recording.steps.length - differences.length, steps: recording.steps.length, differences };
};

type Found = Omit<Difference, 'step'> | undefined;

const playStep = async (rig: Stage, step: Step, about: string): Promise<Found> => {
  if (step.sleep !== undefined) return void (await rig.advance(step.sleep * 1000));
  if (step.audit === 'start') return void rig.startAudit();
  if (step.audit === 'stop') return compareWrites(rig, step, about);
  if (step.until !== undefined) return until(rig, step);
  const { code, stdout, stderr } = await rig.run(step.run!);
  rig.learnNames();
  const out = rig.normaliser.text(stdout);
  const err = rig.normaliser.text(stderr);
  const lines = (text: string): string => (step.unordered ? text.split('\n').sort().join('\n') : text);
  const expected = `exit ${step.code}\n${lines(recorded(step.stdout ?? ''))}\n--- stderr\n${lines(recorded(step.stderr ?? ''))}`;
  const actual = `exit ${code}\n${lines(out)}\n--- stderr\n${lines(err)}`;
  return expected === actual ? undefined : { what: `$ ${step.run!}`, expected, actual };
};

const until = async (rig: Stage, step: Step): Promise<Found> => {
  const end = rig.now + Math.max(step.timeout ?? 60, 60) * 1000;
  const pattern = step.matches === undefined ? undefined : new RegExp(step.matches);
  let last = '';
  for (let wait = 200; ; wait = Math.min(1000, wait + 20)) {
    const { stdout, stderr } = await rig.run(step.until!);
    last = stdout + stderr;
    if (pattern ? pattern.test(last) : stdout.trim() === String(step.equals).trim()) return undefined;
    if (rig.now >= end)
      return { what: 'until', expected: `${step.until!} → ${String(step.equals ?? step.matches)}`, actual: last };
    await rig.advance(wait);
  }
};

/** The writes that the recordings call stable, in order. */
const compareWrites = (rig: Stage, step: Step, about: string): Found => {
  rig.learnNames();
  const text = (
    writes: readonly { component: string; verb: string; resource: string; name: string; code: number }[],
  ): string[] =>
    writes
      .filter(({ resource, code }) => code < 400 && !/\/status$|\/token$|^events$|^leases$/.test(resource))
      .map(({ component, verb, resource, name, code }) =>
        rig.normaliser.text(`${component} ${verb} ${resource} ${name} ${code}`),
      );
  const expected = text(step.requests ?? []);
  const actual = text(rig.stopAudit());
  if (about.includes('mutual order is not')) {
    expected.sort();
    actual.sort();
  }
  return expected.join('\n') === actual.join('\n')
    ? undefined
    : { what: 'audit', expected: expected.join('\n'), actual: actual.join('\n') };
};
