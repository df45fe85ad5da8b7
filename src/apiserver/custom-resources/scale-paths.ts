import { invalid } from '../../api/field-error.ts';
import { goValue } from '../../api/go-text.ts';
import type { FieldError, ScalePaths } from '../../api/kind.ts';
import type { DefinitionVersion } from './definition.ts';

type Scale = NonNullable<NonNullable<DefinitionVersion['subresources']>['scale']>;

const MAX_REPLICAS = 2 ** 31 - 1;

const segments = (path: string): string[] => path.replace(/^\./, '').split('.');

/** A Go type as %T names it, for values of JSON. */
function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'object':
      return 'map[string]interface {}';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      return 'string';
  }
}

interface Found {
  readonly value?: unknown;
  readonly problem?: string;
}

/** The value at a path, which must be of a type; neither value nor problem where there is none. */
function nested(object: unknown, path: string, type: 'int64' | 'string'): Found {
  let at: unknown = object;
  const fields = segments(path);
  for (let i = 0; i < fields.length; i++) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) {
      if (i > 0 && at === null) return {};
      const where = `.${fields.slice(0, i).join('.')}`;
      return {
        problem: `${where} accessor error: ${goValue(at)} is of the type ${goType(at)}, expected map[string]interface {}`,
      };
    }
    if (!Object.hasOwn(at, fields[i]!)) return {};
    at = (at as Readonly<Record<string, unknown>>)[fields[i]!];
  }
  if (goType(at) === type) return { value: at };
  return {
    problem: `.${fields.join('.')} accessor error: ${goValue(at)} is of the type ${goType(at)}, expected ${type}`,
  };
}

function checkReplicas(object: unknown, path: string): FieldError[] {
  const { value, problem } = nested(object, path, 'int64');
  if (problem) return [invalid(path, 0, problem)];
  const replicas = (value as number | undefined) ?? 0;
  if (replicas < 0) return [invalid(path, replicas, 'should be a non-negative integer')];
  if (replicas > MAX_REPLICAS) return [invalid(path, replicas, `should be less than or equal to ${MAX_REPLICAS}`)];
  return [];
}

export const checkScaleSpec = (object: unknown, scale: Scale | undefined): FieldError[] =>
  scale ? checkReplicas(object, scale.specReplicasPath) : [];

export function checkScaleStatus(object: unknown, scale: Scale | undefined): FieldError[] {
  if (!scale) return [];
  const errors = checkReplicas(object, scale.statusReplicasPath);
  const { labelSelectorPath } = scale;
  const problem = labelSelectorPath && nested(object, labelSelectorPath, 'string').problem;
  return problem ? [...errors, invalid(labelSelectorPath, '', problem)] : errors;
}

/** Where the scale subresource finds its numbers. */
export const scalePathsOf = ({ specReplicasPath, statusReplicasPath, labelSelectorPath }: Scale): ScalePaths => ({
  specReplicasPath: segments(specReplicasPath),
  statusReplicasPath: segments(statusReplicasPath),
  selector: (object) => (labelSelectorPath ? String(nested(object, labelSelectorPath, 'string').value ?? '') : ''),
});
