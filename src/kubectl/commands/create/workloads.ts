import type { Command } from '../../cli/command.ts';
import { fetchObject } from '../../builder.ts';
import { CliError } from '../../errors.ts';
import { at, clone, record, text, type Obj } from '../../value.ts';
import { commandArgs, createGenerated, generatorFlags, nameArg } from './generate.ts';

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', namespaced: true };
const JOB = { group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', namespaced: true };
const CRON_JOB = { group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs', namespaced: true };

/** `r.example.com:5000/team/busybox:1.36` → `busybox`. */
const containerName = (image: string): string =>
  image
    .slice(image.lastIndexOf('/') + 1)
    .replace(/[:@].*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-');

export const createDeployment: Command = {
  name: 'deployment',
  aliases: ['deploy'],
  short: 'Create a deployment with the specified name',
  flags: {
    ...generatorFlags,
    image: { type: 'list' },
    port: { type: 'int', default: -1 },
    replicas: { type: 'int', short: 'r', default: 1 },
  },
  required: ['image'],
  run: (session) => {
    const { flags } = session;
    const name = nameArg(session);
    const images = flags.list('image');
    const command = commandArgs(session);
    if (images.length > 1 && command.length > 0)
      throw new CliError('cannot specify multiple --image options and command');
    const labels = { app: name };
    const containers = images.map((image, i) => ({
      name: containerName(image),
      image,
      ...(command.length > 0 ? { command: [...command] } : {}),
      ...(i === 0 && flags.int('port') >= 0 ? { ports: [{ containerPort: flags.int('port') }] } : {}),
      resources: {},
    }));
    createGenerated(
      session,
      DEPLOYMENT,
      {
        metadata: { name, labels },
        spec: {
          replicas: flags.int('replicas'),
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers } },
          strategy: {},
        },
        status: {},
      },
      'failed to create deployment',
    );
  },
};

const jobSpec = (name: string, image: string, command: readonly string[], restartPolicy: string): Obj => ({
  template: {
    metadata: {},
    spec: {
      containers: [{ name, image, ...(command.length > 0 ? { command: [...command] } : {}), resources: {} }],
      restartPolicy,
    },
  },
});

export const createJob: Command = {
  name: 'job',
  short: 'Create a job with the specified name',
  flags: { ...generatorFlags, image: { type: 'string' }, from: { type: 'string' } },
  run: (session) => {
    const name = nameArg(session);
    const image = session.flags.string('image');
    const from = session.flags.string('from');
    if ((image === '') === (from === '')) throw new CliError('either --image or --from must be specified');
    const command = commandArgs(session);
    if (from && command.length > 0) throw new CliError('cannot specify --from and command');
    if (image)
      return createGenerated(
        session,
        JOB,
        { metadata: { name }, spec: jobSpec(name, image, command, 'Never'), status: {} },
        'failed to create job',
      );
    const [type = '', source] = from.split('/');
    const mapping = session.discovery.mappingFor(type);
    if (source === undefined) throw new CliError('resource(s) were provided, but no name was specified');
    const cronJob = fetchObject(session, mapping, session.namespace, source);
    if (mapping.kind !== 'CronJob') throw new CliError(`unknown object type *v1.${mapping.kind}`);
    const template = (at(cronJob, 'spec', 'jobTemplate') ?? {}) as Obj;
    createGenerated(
      session,
      JOB,
      {
        metadata: {
          name,
          annotations: {
            'cronjob.kubernetes.io/instantiate': 'manual',
            ...record(template, 'metadata', 'annotations'),
          },
          ...(at(template, 'metadata', 'labels') ? { labels: record(template, 'metadata', 'labels') } : {}),
          ownerReferences: [
            {
              apiVersion: 'batch/v1',
              kind: 'CronJob',
              name: source,
              uid: text(cronJob, 'metadata', 'uid'),
              controller: true,
            },
          ],
        },
        spec: clone(template['spec']),
        status: {},
      },
      'failed to create job',
    );
  },
};

export const createCronJob: Command = {
  name: 'cronjob',
  aliases: ['cj'],
  short: 'Create a cron job with the specified name',
  flags: {
    ...generatorFlags,
    image: { type: 'string' },
    schedule: { type: 'string' },
    restart: { type: 'string', default: 'OnFailure' },
  },
  required: ['image', 'schedule'],
  run: (session) => {
    const { flags } = session;
    const name = nameArg(session);
    createGenerated(
      session,
      CRON_JOB,
      {
        metadata: { name },
        spec: {
          schedule: flags.string('schedule'),
          jobTemplate: {
            metadata: { name },
            spec: jobSpec(name, flags.string('image'), commandArgs(session), flags.string('restart')),
          },
        },
        status: {},
      },
      'failed to create cronjob',
    );
  },
};
