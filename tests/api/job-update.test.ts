import { describe, expect, it } from 'vitest';
import { JobKind } from '../../src/api/batch/job.ts';
import { decode } from '../../src/api/schema/decode.ts';
import type { Job } from '../../src/api/types.ts';

function job(spec: object = {}, status: object = {}): Job {
  const { object } = decode<Job>(JobKind, {
    metadata: { name: 'sum', namespace: 'lab', uid: 'u' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox' }] } },
      ...spec,
    },
  });
  JobKind.defaults?.(object);
  JobKind.prepareForCreate?.(object);
  return { ...object, status };
}

const texts = (errors: readonly { field: string; detail: string }[] = []): string[] =>
  errors.map(({ field, detail }) => `${field}: ${detail}`);
const update = (next: Job, old: Job): string[] => texts(JobKind.validateUpdate?.(next, old));
const report = (status: object, old: object = {}, spec: object = {}): string[] =>
  texts(JobKind.validateStatusUpdate?.(job(spec, status), job(spec, old)));

const template = (spec: object, container: object = {}): object => ({
  template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox', ...container }], ...spec } },
});

describe('the template of a Job', () => {
  const bigger = template({ nodeSelector: { a: 'b' } }, { resources: { requests: { cpu: '2' } } });

  it('may say anew where Pods go and what they need while the Job is suspended without Pods', () => {
    expect(update(job({ suspend: true, ...bigger }), job({ suspend: true }))).toEqual([]);
    expect(update(job({ suspend: false, ...bigger }), job({ suspend: true }, { active: 0 }))).toEqual([]);
  });

  it('is fixed otherwise', () => {
    const fixed = expect.stringMatching(/^spec\.template: Invalid value: .*: field is immutable$/) as string;
    expect(update(job(bigger), job())).toEqual([fixed]);
    expect(update(job({ suspend: true, ...bigger }), job({ suspend: true }, { active: 1 }))).toEqual([fixed]);
    const other = template({}, { image: 'alpine' });
    expect(update(job({ suspend: true, ...other }), job({ suspend: true }))).toEqual([fixed]);
    const spread = template({ affinity: { podAntiAffinity: {} } });
    expect(update(job({ suspend: true, ...spread }), job({ suspend: true }))).toEqual([fixed]);
  });
});

describe('the status of a Job', () => {
  const start = '2026-01-01T00:00:10Z';
  const condition = (type: string): object => ({ type, status: 'True' });

  it('ends as the Job controller would end it', () => {
    const conditions = [condition('SuccessCriteriaMet'), condition('Complete')];
    const done = { conditions, startTime: start, completionTime: '2026-01-01T00:01:00Z', succeeded: 1 };
    expect(report(done)).toEqual([]);
    expect(report({ conditions: [condition('Complete')] })).toEqual([
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      'status.startTime: Required value: startTime is required for finished job',
    ]);
    expect(report({ conditions: [condition('Failed')], startTime: start, active: 1 })).toEqual([
      'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
    ]);
  });

  it('does not go back', () => {
    const failed = [condition('FailureTarget'), condition('Failed')];
    expect(report({ startTime: start, failed: 1 }, { startTime: start, failed: 2, conditions: failed })).toEqual([
      'status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
      'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
    ]);
  });

  it('is asked about what changed only', () => {
    const wrong = { conditions: [condition('Complete')], ready: 3, active: 1 };
    expect(report({ ...wrong, succeeded: 1 }, wrong)).toEqual([]);
  });

  it('lists indexes of Indexed Jobs, each once', () => {
    const spec = { completionMode: 'Indexed', completions: 5, backoffLimitPerIndex: 1 };
    expect(report({ completedIndexes: '0,2-3', failedIndexes: '1,3-4' }, {}, spec)).toEqual([
      'status.failedIndexes: Invalid value: "1,3-4": failedIndexes and completedIndexes overlap at index: 3',
    ]);
    expect(report({ completedIndexes: '3,1' }, {}, spec)).toEqual([
      'status.completedIndexes: Invalid value: "3,1": error parsing completedIndexes: non-increasing order, previous: 3, current: 1',
    ]);
    expect(report({ completedIndexes: '0' })).toEqual([
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
    ]);
  });
});
