import { CliError } from '../../errors.ts';
import { at, list, record, strings, text, withAt, type Obj } from '../../value.ts';
import { newResource, type Resource } from './resource.ts';

/** Reads a file that a kustomization names; undefined when there is none. */
export type ReadFile = (path: string) => string | undefined;

const utf8Base64 = (value: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(value)));

const literal = (source: string): [string, string] => {
  const equals = source.indexOf('=');
  return [source.slice(0, equals), source.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2')];
};

const contentOf = (read: ReadFile, path: string): string => {
  const content = read(path);
  if (content === undefined)
    throw new CliError(
      `loading KV pairs: file sources: [${path}]: evalsymlink failure on '${path}' : no such file or directory`,
    );
  return content;
};

/** The keys and values of a generator: literals, files, and files of `KEY=value` lines. */
const valuesOf = (generator: Obj, read: ReadFile): [string, string][] => [
  ...[...strings(generator, 'envs'), ...[text(generator, 'env')].filter(Boolean)].flatMap((path) =>
    contentOf(read, path)
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map(literal),
  ),
  ...strings(generator, 'files').map((file): [string, string] => {
    const equals = file.indexOf('=');
    const path = file.slice(equals + 1);
    return [equals < 0 ? path.slice(path.lastIndexOf('/') + 1) : file.slice(0, equals), contentOf(read, path)];
  }),
  ...strings(generator, 'literals').map(literal),
];

const generated = (generator: Obj, spec: Obj, object: Obj): Resource => {
  const options = {
    ...(at(spec, 'generatorOptions') as Obj | undefined),
    ...(generator['options'] as Obj | undefined),
  };
  let made = object;
  for (const field of ['labels', 'annotations'] as const) {
    const values = { ...record(spec, 'generatorOptions', field), ...record(generator, 'options', field) };
    if (Object.keys(values).length > 0) made = withAt(made, ['metadata', field], values);
  }
  return newResource(made, options['disableNameSuffixHash'] !== true);
};

/** The ConfigMaps and Secrets that a kustomization generates. */
export const generate = (spec: Obj, read: ReadFile): Resource[] => [
  ...list(spec, 'configMapGenerator').map((each) =>
    generated(each, spec, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: text(each, 'name'), ...(each['namespace'] ? { namespace: each['namespace'] } : {}) },
      data: Object.fromEntries(valuesOf(each, read)),
    }),
  ),
  ...list(spec, 'secretGenerator').map((each) =>
    generated(each, spec, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: text(each, 'name'), ...(each['namespace'] ? { namespace: each['namespace'] } : {}) },
      data: Object.fromEntries(valuesOf(each, read).map(([key, value]) => [key, utf8Base64(value)])),
      type: text(each, 'type') || 'Opaque',
    }),
  ),
];
