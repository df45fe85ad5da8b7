/** The selector that the server makes for a Job, so that no two Jobs have Pods in common. */
import type { Errors } from '../core/common-checks.ts';
import { invalid, required } from '../field-error.ts';
import { checkLabelSelector, matcherOf } from '../selector.ts';
import type { Job } from '../types.ts';

const UID = 'batch.kubernetes.io/controller-uid';
const NAME = 'batch.kubernetes.io/job-name';
/** What the labels were called before they had a domain. */
const OLD_UID = 'controller-uid';
const OLD_NAME = 'job-name';

const expected = ({ metadata }: Job): Record<string, string> => {
  const { uid = '', name } = metadata;
  return { [OLD_UID]: uid, [OLD_NAME]: name, [UID]: uid, [NAME]: name };
};

/** A map in the order in which error texts show it. */
const sorted = (map: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Labels the template with the Job's uid and selects by it. Labels that are there already stay, and are refused later. */
export function generateSelector(job: Job): void {
  const { spec, metadata } = job;
  const { template } = spec;
  const given = template.metadata?.labels;
  const labels = sorted({ ...expected(job), ...given });
  spec.template = { ...template, metadata: { ...template.metadata, labels } };
  // A Job without labels of its own has its template's.
  if (!metadata.labels || metadata.labels === given) metadata.labels = labels;
  const { matchLabels, ...rest } = spec.selector ?? {};
  spec.selector = { ...rest, matchLabels: sorted({ [UID]: metadata.uid ?? '', ...matchLabels }) };
}

export function checkGeneratedSelector(job: Job, errors: Errors): void {
  const { spec } = job;
  if (spec.manualSelector || !spec.selector) return;
  const labels = spec.template.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(expected(job))) {
    const path = `spec.template.metadata.labels[${key}]`;
    if (!Object.hasOwn(labels, key)) errors.push(required(path, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalid(path, labels, `must be '${value}'`));
  }
  const readable = checkLabelSelector(spec.selector, 'spec.selector').length === 0;
  if (readable && !matcherOf(spec.selector).matches(expected(job)))
    errors.push(invalid('spec.selector', spec.selector, '`selector` not auto-generated'));
}
