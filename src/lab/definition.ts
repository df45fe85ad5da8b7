/** What an author writes in `labs/<id>/lab.yaml`, and what becomes of it. */
import { z } from 'astro/zod';
import type { LabFile } from './protocol.ts';

/** A text in both languages of the handbook. */
const localized = z.strictObject({ en: z.string().min(1), 'zh-cn': z.string().min(1) });

const identifier = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by "-"');

const check = z
  .strictObject({
    id: identifier,
    text: localized,
    /** The objects that `cel` sees; with a name it sees one, as `object`, otherwise all, as `objects`. */
    on: z
      .strictObject({
        kind: z.string().min(1),
        name: z.string().min(1).optional(),
        namespace: z.string().min(1).optional(),
        /** Only objects that carry these labels. */
        labels: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    /** CEL over `object` or `objects`; holds or not at the moment shown. */
    cel: z.string().min(1).optional(),
    /** CEL over one `span` of the trace; holds from the first span on that it is true for. */
    trace: z.string().min(1).optional(),
  })
  .refine((value) => (value.cel === undefined) !== (value.trace === undefined), 'give either "cel" or "trace"')
  .refine((value) => value.cel === undefined || value.on !== undefined, {
    message: '"cel" needs "on": which objects it is about',
    path: ['on'],
  });

const step = z.strictObject({
  id: identifier,
  title: localized,
  /** Markdown: paragraphs, `code`, **strong**, links, and fenced commands that run at a press. */
  text: localized,
  hint: localized.optional(),
  checks: z.array(check).min(1),
  /** Command lines that do the step, with the files of solution/ at hand; a test plays them. */
  solve: z.array(z.string().min(1)).min(1),
});

const cluster = z.strictObject({
  nodes: z.int().min(1).max(500),
  seed: z.int(),
  /** Virtual milliseconds per wall millisecond at the start. */
  speed: z.number().min(0.1).max(1000).default(1),
  /** A KubeSchedulerConfiguration for kube-scheduler; the scheduler itself says what is wrong with it. */
  scheduler: z.record(z.string(), z.unknown()).optional(),
  /** What is installed beyond what every cluster has, by the names that the cluster knows. */
  addons: z.array(z.string().min(1)).optional(),
  /** How many kube-controller-managers there are, of which one works at a time. */
  controllerManagers: z.int().min(1).max(3).optional(),
  /** Makes the API server enforce priority and fairness: how many seats it has, how long a request holds one. */
  inFlight: z.strictObject({ seats: z.int().min(1), requestMs: z.number().min(0).max(60_000).optional() }).optional(),
});

const unique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;

/** `lab.yaml` itself. */
export const labSource = z.strictObject({
  title: localized,
  summary: localized.optional(),
  cluster,
  /** The files that the editor opens, in the order of its tabs; paths within files/. */
  files: z.array(z.string().min(1)),
  /** Commands that run when the lab opens: kubectl and its arguments, without quotes or pipes. */
  start: z.array(z.string().min(1)).default([]),
  steps: z
    .array(step)
    .refine((steps) => unique(steps.map(({ id }) => id)), 'two steps have the same id')
    .refine(
      (steps) => steps.every(({ checks }) => unique(checks.map(({ id }) => id))),
      'two checks of one step have the same id',
    ),
});

const file = z.object({ path: z.string(), text: z.string() });

/** `lab.yaml` with its files read: an entry of the site's `labs` collection. */
export const labDefinition = labSource.extend({ id: z.string(), files: z.array(file), solution: z.array(file) });

export type Localized = z.infer<typeof localized>;
export type CheckDefinition = z.infer<typeof check>;
export type StepDefinition = z.infer<typeof step>;
export type LabSource = z.infer<typeof labSource>;
export type LabDefinition = z.infer<typeof labDefinition>;

/** What a session needs of a definition; a whole definition will do. */
export interface LabSetup {
  readonly id: string;
  readonly cluster: {
    readonly nodes: number;
    readonly seed: number;
    readonly speed: number;
    readonly scheduler?: Readonly<Record<string, unknown>> | undefined;
    readonly addons?: readonly string[] | undefined;
    readonly controllerManagers?: number | undefined;
    readonly inFlight?: { readonly seats: number; readonly requestMs?: number | undefined } | undefined;
  };
  readonly files: readonly LabFile[];
  readonly start: readonly string[];
  readonly steps: readonly { readonly id: string; readonly checks: readonly CheckDefinition[] }[];
}
