/** Projected volumes: several sources whose files stand side by side (validateProjectionSources). */
import { forbidden, invalid, required } from '../field-error.ts';
import type { PodSpec } from '../types.ts';
import type { Errors } from './common-checks.ts';
import { checkDownwardItems, checkItems, checkNonReservedPath } from './volume-file-checks.ts';

type Volume = NonNullable<PodSpec['volumes']>[number];
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];
type Token = NonNullable<Projection['serviceAccountToken']>;

const SOURCES = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'] as const;

/** The path of the file is spoken of as if it were the volume's. */
function checkToken(
  { expirationSeconds: seconds = 3600, path: file }: Token,
  at: string,
  volume: string,
  errors: Errors,
): void {
  const field = `${at}.expirationSeconds`;
  if (seconds < 600) errors.push(invalid(field, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32) errors.push(invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (!file) errors.push(required(`${volume}.path`));
  else checkNonReservedPath(file, `${volume}.path`, errors);
}

/** `path` is the volume's: `spec.volumes[0].projected`. No two files may have the same path. */
export function checkProjections(sources: readonly Projection[] | undefined, path: string, errors: Errors): void {
  const taken = new Set<string>();
  const take = (file: string | undefined, shown: string | undefined): void => {
    if (!file) return;
    if (taken.has(file)) errors.push(invalid(path, shown ?? '', 'conflicting duplicate paths'));
    taken.add(file);
  };
  sources?.forEach((source, i) => {
    const at = `${path}.sources[${i}]`;
    for (const key of ['secret', 'configMap'] as const) {
      const keys = source[key];
      if (!keys) continue;
      if (!keys.name) errors.push(required(`${at}.${key}.name`));
      checkItems(keys.items, `${at}.${key}.items`, errors);
      for (const item of keys.items ?? []) take(item.path, keys.name);
    }
    if (source.downwardAPI) {
      checkDownwardItems(source.downwardAPI.items, `${at}.downwardAPI`, errors);
      for (const item of source.downwardAPI.items ?? []) take(item.path, item.path);
    }
    if (source.serviceAccountToken) checkToken(source.serviceAccountToken, `${at}.serviceAccountToken`, path, errors);
    if (SOURCES.filter((key) => source[key]).length > 1)
      errors.push(forbidden(at, 'may not specify more than 1 volume type per source'));
  });
}
