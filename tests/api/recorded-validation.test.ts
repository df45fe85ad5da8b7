/** What the real server answered to manifests with mistakes, compared with decoding, defaulting and validating them here. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { invalid as invalidValue, required } from '../../src/api/field-error.ts';
import {
  checkDnsSubdomain,
  decode,
  findKind,
  invalid,
  type Kind,
  type UntypedObject,
  ApiError,
} from '../../src/api/index.ts';

interface Recording {
  files: Record<string, string>;
  steps: { run?: string; stdout?: string; stderr?: string }[];
}

const read = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`../recordings/${name}.json`, import.meta.url), 'utf8')) as Recording;

/** As kubectl sends it: keys sorted, at every depth. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : value;

/** An error as kubectl prints it. */
function printed(error: unknown, file: string): string {
  if (!(error instanceof ApiError)) throw error;
  const { message = '', reason, details } = error.status;
  if (reason !== 'Invalid') return `Error from server (${reason}): error when creating "${file}": ${message}`;
  const texts = [...new Set((details?.causes ?? []).map((cause) => `${cause.field}: ${cause.message}`))];
  const list = texts.length === 1 ? texts[0]! : `\n${texts.map((text) => `* ${text}`).join('\n')}`;
  return `The ${details?.kind} "${details?.name}" is invalid: ${list}`;
}

/** The part of a creation that the API floor decides. */
function create(kind: Kind, raw: unknown): string[] {
  const { object } = decode<UntypedObject>(kind, sorted(raw), { fieldValidation: 'Strict' });
  const { metadata } = object;
  if (kind.namespaced) metadata.namespace ??= 'lab';
  else delete metadata.namespace;
  metadata.uid = 'uid-1';
  kind.defaults?.(object);
  const spec = object['spec'] as { clusterIP?: string; clusterIPs?: string[] } | undefined;
  if (spec?.clusterIP && !spec.clusterIPs) spec.clusterIPs = [spec.clusterIP];
  kind.prepareForCreate?.(object);
  const name = metadata.name ?? '';
  const nameErrors = name
    ? (kind.validateName ?? checkDnsSubdomain)(name, false).map((message) =>
        invalidValue('metadata.name', name, message),
      )
    : [required('metadata.name', 'name or generateName is required')];
  const errors = [...nameErrors, ...(kind.validate?.(object) ?? [])];
  if (errors.length > 0) throw invalid(kind, name, errors);
  return kind.warnings?.(object, undefined) ?? [];
}

/** Manifests whose answer other stages give: kubectl's own checks, the registry's of metadata, allocation, admission, CEL, YAML 1.1's booleans. */
const DECIDED_ELSEWHERE = new Set(
  `metadata-string no-name number-name label-number label-bool annotation-number other-namespace bad-namespace namespace-mismatch
  wrong-case-kind wrong-kind no-kind no-api-version wrong-version wrong-group bad-group-version two
  sub-path-both cluster-ip-range node-port-low node-port-dup family-v6
  label-value label-key label-key-slash label-key-prefix label-value-long annotation-key ns-long
  ns-psa-level ns-psa-version ns-exists strict-default name-slash
  vap-syntax vap-type vap-string vap-undeclared vap-message-expr vap-variable-undefined vap-audit vap-conditions`.split(
    /\s+/,
  ),
);

const RECORDINGS = [
  'decoding',
  'field-validation',
  'pod-metadata',
  'pod-containers',
  'pod-probes',
  'pod-resources',
  'pod-security-context',
  'pod-volumes',
  'pod-affinity',
  'pod-spread-tolerations',
  'pod-init-sidecar',
  'deployment',
  'replicaset-rc',
  'service-ports',
  'service-types',
  'configmap-secret',
  'namespace-node',
  'quota-limitrange',
  'statefulset',
  'daemonset',
  'job',
  'job-policies',
  'cronjob',
  'pdb',
  'hpa',
  'ingress',
  'networkpolicy',
  'pvc-pv',
  'rbac',
  'admission-configs',
  'crd',
];

describe.each(RECORDINGS)('%s', (name) => {
  const { files, steps } = read(`api/validation/${name}`);
  for (const { run = '', stdout = '', stderr = '' } of steps) {
    const file = /^kubectl (?:apply|create)(?: --dry-run=server)? -f (\S+)$/.exec(run)?.[1];
    if (!file || !(file in files) || DECIDED_ELSEWHERE.has(file.replace('.yaml', ''))) continue;
    let raw: { apiVersion?: string; kind?: string } | undefined;
    try {
      raw = load(files[file]!) as typeof raw;
    } catch {
      continue;
    }
    const [version = '', group = ''] = (raw?.apiVersion ?? '').split('/').reverse();
    const kind = findKind(group, version, raw?.kind ?? '');
    if (!kind) continue;
    it(file, () => {
      let answer: string;
      try {
        answer = create(kind, raw)
          .map((warning) => `Warning: ${warning}\n`)
          .join('');
      } catch (error) {
        answer = `${printed(error, file)}\n`;
      }
      const expected = stdout ? stderr : stderr.replace(/\n\n$/, '\n');
      expect(answer.replaceAll('"uid-1"', '"<uid-1>"').replace(/metadata\.name: Invalid value: "<.*?>"/, '')).toBe(
        expected,
      );
    });
  }
});
