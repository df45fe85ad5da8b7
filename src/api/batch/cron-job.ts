import { asksAnew, workloadNameWarnings } from '../apps/workload-checks.ts';
import { selectorText, templateColumns } from '../apps/workload-columns.ts';
import { checkNonNegative, checkOneOf, type Errors } from '../core/common-checks.ts';
import { templateWithDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../define-kind.ts';
import { invalid, notSupported, required } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { ageColumn, ageOf, column, nameColumn } from '../table.ts';
import type { CronJob, Job, PodTemplateSpec } from '../types.ts';
import { CronError, parseCron } from './cron-schedule.ts';
import { checkJobSpec, jobWarnings } from './job-checks.ts';

type Spec = CronJob['spec'];

function checkSchedule({ schedule, timeZone }: Spec, old: Spec | undefined, errors: Errors): void {
  const path = 'spec.schedule';
  if (!schedule) {
    errors.push(required(path));
    return;
  }
  try {
    parseCron(schedule);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    errors.push(invalid(path, schedule, error.message));
  }
  if (!schedule.includes('TZ')) return;
  if (!old?.schedule.includes('TZ'))
    errors.push(invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  else if (timeZone !== undefined)
    errors.push(invalid(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
}

/** Whether there is a zone of this name, in these letters, in the time zone database. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return known === name || known.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** One part of a zone's name. */
const ZONE_PART = /^[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}$/;

function checkTimeZone(zone: string | undefined, errors: Errors): void {
  const path = 'spec.timeZone';
  if (zone === undefined) return;
  if (zone === '') {
    errors.push(invalid(path, zone, 'timeZone must be nil or non-empty string'));
    return;
  }
  if (zone.toLowerCase() === 'local')
    errors.push(
      invalid(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
    );
  const wellFormed = zone.split('/').every((part) => part !== '.' && part !== '..' && ZONE_PART.test(part));
  if (!wellFormed || (zone !== 'Local' && !isTimeZone(zone)))
    errors.push(invalid(path, zone, `unknown time zone ${zone}`));
}

function checkCronJob({ spec }: CronJob, old?: CronJob): FieldError[] {
  const errors: Errors = [];
  checkSchedule(spec, old?.spec, errors);
  checkNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', errors);
  if (spec.timeZone !== old?.spec.timeZone) checkTimeZone(spec.timeZone, errors);
  if (!spec.concurrencyPolicy) errors.push(required('spec.concurrencyPolicy'));
  else checkOneOf(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], 'spec.concurrencyPolicy', errors);
  const jobs = spec.jobTemplate.spec as Job['spec'];
  checkJobSpec(jobs, 'spec.jobTemplate.spec', errors);
  if (jobs.selector)
    errors.push(invalid('spec.jobTemplate.spec.selector', jobs.selector, '`selector` will be auto-generated'));
  if (jobs.manualSelector) errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  checkNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', errors);
  checkNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', errors);
  return errors;
}

/** The Jobs' names are the CronJob's and eleven characters more. */
const MAX_NAME = 52;

const template = ({ spec }: CronJob): PodTemplateSpec | undefined => spec.jobTemplate.spec?.template;

/** CronJobs: Jobs that are started again and again by the clock. */
export const CronJobKind: Kind<CronJob> = defineKind<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  resource: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.CronJob',
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    const spec = (draft.spec ??= {} as Spec);
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    const pods = templateWithDefaults(template(draft) ?? ({} as PodTemplateSpec));
    if (pods !== template(draft))
      spec.jobTemplate = { metadata: {}, ...spec.jobTemplate, spec: { ...spec.jobTemplate?.spec, template: pods } };
    draft.status ??= {};
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate(job) {
    const errors = checkCronJob(job);
    if (job.metadata.name.length > MAX_NAME)
      errors.push(invalid('metadata.name', job.metadata.name, `must be no more than ${MAX_NAME} characters`));
    return errors;
  },
  validateUpdate: checkCronJob,
  warnings(job, old) {
    const { schedule, jobTemplate } = job.spec;
    return [
      ...(old ? [] : workloadNameWarnings(job.metadata.name)),
      ...(asksAnew(job, old) ? jobWarnings(jobTemplate.spec as Job['spec'], 'spec.jobTemplate.spec') : []),
      ...(schedule.includes('TZ')
        ? [
            'CRON_TZ or TZ used in spec.spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
          ]
        : []),
    ];
  },
  columns: [
    nameColumn,
    column('Schedule', ({ spec }) => spec.schedule),
    column('Timezone', ({ spec }) => spec.timeZone ?? '<none>'),
    column('Suspend', ({ spec }) => (spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False')),
    column('Active', ({ status }) => status?.active?.length ?? 0, 0, 'integer'),
    column('Last Schedule', ({ status }, now) =>
      status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : '<none>',
    ),
    ageColumn,
    ...templateColumns<CronJob>(template),
    column('Selector', ({ spec }) => selectorText(spec.jobTemplate.spec?.selector), 1),
  ],
});
