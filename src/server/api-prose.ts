import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const models = dirname(require.resolve('kubernetes-models/package.json'));
const machinery = dirname(require.resolve('@kubernetes-models/apimachinery/package.json', { paths: [models] }));

/** The file of type declarations that says what a definition is for, in words. */
function declarationFile(name: string): string | undefined {
  const meta = /^io\.k8s\.apimachinery\.pkg\.(.+)\.(\w+)$/.exec(name);
  if (meta) return join(machinery, meta[1]!.replaceAll('.', '/'), `${meta[2]}.d.ts`);
  const [, group, version, type] = /^io\.k8s\.api\.(\w+)\.(\w+)\.(\w+)$/.exec(name) ?? [];
  if (!group) return undefined;
  const folders = group === 'core' ? [''] : globSync([group, `${group}.*`], { cwd: models });
  return folders.map((folder) => join(models, folder, version!, `${type}.d.ts`)).find((file) => existsSync(file));
}

const comment = (text: string): string => text.replaceAll(/\s*\n\s*\*\s?/g, '\n').trim();

/** The documentation of a type (under '') and of each of its fields, from the declarations of kubernetes-models. */
export function readProse(name: string): ReadonlyMap<string, string> {
  const prose = new Map<string, string>();
  const file = declarationFile(name);
  if (!file || !existsSync(file)) return prose;
  const text = readFileSync(file, 'utf8');
  for (const [, about, field] of text.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:"([^"]+)"\??:|export interface)/g,
  )) {
    if (!prose.has(field ?? '')) prose.set(field ?? '', comment(about!));
  }
  return prose;
}

/** The same without the escapes that keep Markdown, and the comments that it stands in, whole. */
export const plainProse = (name: string): ReadonlyMap<string, string> =>
  new Map([...readProse(name)].map(([field, text]) => [field, text.replace(/\\([*/\\])/g, '$1')]));
