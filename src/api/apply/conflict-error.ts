import { quote } from '../field-error.ts';
import { ApiError } from '../status.ts';
import type { Conflict } from './apply.ts';
import { pathsOf, pathText } from './field-set.ts';
import type { Manager } from './managers.ts';

/** `"alice"`, `"kubectl-scale" with subresource "scale" using apps/v1 at 2026-01-01T00:00:00Z`. */
function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const who = subresource ? `${quote(manager)} with subresource ${quote(subresource)}` : quote(manager);
  return operation === 'Update' ? `${who} using ${apiVersion}` : who;
}

/** 409: what an apply is told that would take fields from others. */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const found = conflicts
    .map(({ manager, fields }) => ({ who: managerText(manager), paths: pathsOf(fields).map(pathText) }))
    .sort((a, b) => (a.who < b.who ? -1 : 1));
  const count = found.reduce((sum, { paths }) => sum + paths.length, 0);
  const message =
    count === 1
      ? `Apply failed with 1 conflict: conflict with ${found[0]!.who}: ${found[0]!.paths[0]!}`
      : `Apply failed with ${count} conflicts: ${found
          .map(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)].join('\n'))
          .join('\n')}`;
  const causes = found.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  return new ApiError(409, 'Conflict', message, { causes });
}
