import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ParamRef } from './matching.ts';

interface PolicyBinding extends KubeObject {
  readonly spec: { readonly policyName?: string; readonly paramRef?: ParamRef };
}

/** `namespace/name` of the parameters, or by what they are selected. */
function paramsText({ spec: { paramRef } }: PolicyBinding): string {
  if (!paramRef) return '<unset>';
  const { name, namespace, selector } = paramRef;
  const which = selector ? '<selector>' : (name ?? '');
  return namespace ? `${namespace}/${which}` : which;
}

/** The columns of the bindings of both sorts of policy. */
export const bindingColumns: readonly Column<PolicyBinding>[] = [
  nameColumn,
  column('PolicyName', ({ spec }) => spec.policyName ?? ''),
  column('ParamRef', paramsText),
  ageColumn,
];
