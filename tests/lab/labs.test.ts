import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readLab } from '../../src/lab/read-lab.ts';
import { Bench } from './manual-clock.ts';

const ids = readdirSync('labs');

describe.each(ids)('lab %s', (id) => {
  const lab = readLab(`labs/${id}`, id);

  test('starts, and no check holds at the start', async () => {
    const bench = await new Bench().open(lab);
    await bench.settle();
    expect(bench.frames.flatMap(({ message }) => message ?? [])).toEqual([]);
    const expected = lab.steps.flatMap(({ id: step, checks }) =>
      checks.map((check) => [`${step}/${check.id}`, 'pending']),
    );
    expect(bench.checks).toEqual(Object.fromEntries(expected));
  });

  test('its solution passes every check, step by step', async () => {
    const bench = await new Bench().open(lab);
    await bench.settle();
    await bench.session.setFiles(lab.solution);
    for (const step of lab.steps) {
      for (const line of step.solve) {
        const { code, output } = await bench.run(line);
        expect(code, `${line}\n${output}`).toBe(0);
      }
      await bench.clock.advance(1000);
      for (const check of step.checks)
        expect(bench.checks, `${step.id}/${check.id}`).toMatchObject({ [`${step.id}/${check.id}`]: 'passed' });
    }
    expect(bench.frames.flatMap(({ message }) => message ?? [])).toEqual([]);
  });
});
