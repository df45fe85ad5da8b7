import { goValue } from '../../api/go-text.ts';
import { CliError } from '../errors.ts';
import { JsonPath, relaxedJsonPath } from '../../api/jsonpath/evaluate.ts';
import type { Obj } from '../value.ts';
import { alignTable, escapeTerminal } from './table.ts';

export interface CustomColumn {
  readonly header: string;
  readonly path: string;
}

/** `NAME:.metadata.name,IMAGE:...` */
export const parseCustomColumns = (spec: string): CustomColumn[] => {
  if (spec === '') throw new CliError('custom-columns format specified but no custom columns given');
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0) throw new CliError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, colon), path: relaxedJsonPath(part.slice(colon + 1)) };
  });
};

/** Two lines: headers, and under them the paths. */
export const parseCustomColumnsFile = (content: string): CustomColumn[] => {
  const [headerLine = '', specLine = ''] = content.split('\n');
  const headers = headerLine.split(/\s+/).filter(Boolean);
  const specs = specLine.split(/\s+/).filter(Boolean);
  if (content === '')
    throw new CliError(
      'invalid template, missing header line. Expected format is one line of space separated headers, one line of space separated column specs.',
    );
  if (specs.length === 0)
    throw new CliError(
      'invalid template, missing spec line. Expected format is one line of space separated headers, one line of space separated column specs.',
    );
  if (headers.length !== specs.length)
    throw new CliError(`number of headers (${headers.length}) and field specifications (${specs.length}) don't match`);
  return headers.map((header, i) => ({ header, path: relaxedJsonPath(specs[i]!) }));
};

export const printCustomColumns = (
  columns: readonly CustomColumn[],
  objects: readonly Obj[],
  noHeaders: boolean,
): string => {
  const paths = columns.map(({ path }) => new JsonPath(path, { allowMissingKeys: true }));
  const rows = objects.map((object) =>
    paths
      .map((path) => {
        const results = path.find(object);
        if (results.length === 0 || results[0]!.length === 0) return '<none>';
        return results
          .flat()
          .map((value) => escapeTerminal(goValue(value)))
          .join(',');
      })
      .join('\t'),
  );
  const lines = [...(noHeaders ? [] : [columns.map(({ header }) => header).join('\t')]), ...rows];
  return alignTable(lines.map((line) => `${line}\n`).join(''));
};
