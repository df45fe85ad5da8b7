import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A measurement that did not give numbers. */
export class MeasurementError extends Error {}

/** Runs a measurement in a process of its own, so that heaps and warm code do not mix; returns its numbers. */
export async function runChild<T>(script: string, args: readonly (string | number)[], preload?: string): Promise<T> {
  const path = (name: string): string => fileURLToPath(new URL(`measure/${name}`, import.meta.url));
  const flags = ['--expose-gc', '--no-warnings', ...(preload ? ['--import', path(preload)] : [])];
  const child = spawn(process.execPath, [...flags, path(script), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new MeasurementError(`${script} ${args.join(' ')} ended with exit code ${code}`);
  return JSON.parse(output.trimEnd().split('\n').at(-1)!) as T;
}
