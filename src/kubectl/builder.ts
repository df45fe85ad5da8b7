import { CliError, isNotFound, StatusError } from './errors.ts';
import { goQuote } from './go-format.ts';
import { gvrText, pathOf, versionOf, type Mapping } from './discovery.ts';
import { readDocuments, STOP_VALIDATING, type Document } from './manifest/documents.ts';
import { manifestFiles } from './manifest/files.ts';
import { kustomize } from './manifest/kustomize/kustomize.ts';
import type { Session } from './session.ts';
import { list as listAt, text, withAt, type Obj } from './value.ts';

/** One thing a command works on: what it is, where it is, and the object as far as it is known. */
export interface Info {
  readonly mapping: Mapping;
  /** Empty for what is not namespaced. */
  readonly namespace: string;
  readonly name: string;
  /** The file it came from. */
  readonly source?: string;
  object: Obj;
}

export interface BuildOptions {
  readonly args?: readonly string[];
  readonly filenames?: readonly string[];
  readonly kustomize?: string;
  readonly recursive?: boolean;
  /** Refuse files without kind and apiVersion. */
  readonly validate?: boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** `--all`: a type without a name means all of it. */
  readonly selectAll?: boolean;
  /** A type alone means all of it. */
  readonly allowEmptySelector?: boolean;
  readonly allNamespaces?: boolean;
  readonly subresource?: string;
  readonly chunkSize?: number;
  /** Ask for tables instead of objects. */
  readonly accept?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Fetch what files and names mean (default); false leaves the objects as they were given. */
  readonly fetch?: boolean;
  /** Objects of files as they are, names fetched: what most changing commands do. */
  readonly fetchFiles?: boolean;
  readonly commandName?: string;
  /** Nothing is sent anywhere: objects of files stay as they are written. */
  readonly local?: boolean;
}

export interface Built {
  readonly infos: Info[];
  readonly errors: Error[];
  /** The arguments meant exactly one object, not a list of one. */
  readonly singleItemImplied: boolean;
  /** Whole lists as the server sent them (one per type), when arguments were types. */
  readonly lists: { readonly mapping: Mapping; readonly object: Obj }[];
}

const MISSING = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

/** Everything that the arguments and files of a command mean; throws where kubectl gives up at once. */
export const build = (session: Session, options: BuildOptions): Built => {
  const args = options.args ?? [];
  const hasFiles = (options.filenames?.length ?? 0) > 0 || Boolean(options.kustomize);
  if (hasFiles) {
    if (args.length > 0)
      throw new CliError(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      );
    return byFiles(session, options);
  }
  const tuples = slashed(args, options.commandName ?? 'kubectl');
  if (tuples) return byTuples(session, tuples, options);
  const [types, ...names] = args;
  if (types === undefined) throw new CliError(MISSING);
  const mappings = resolveTypes(session, types);
  if (names.length > 0) {
    if (options.labelSelector || options.fieldSelector || options.selectAll)
      throw new CliError('name cannot be provided when a selector is specified');
    return byNames(session, mappings, names, options);
  }
  if (!options.labelSelector && !options.fieldSelector && !options.selectAll && !options.allowEmptySelector)
    throw new CliError('resource(s) were provided, but no name was specified');
  return byLists(session, mappings, options);
};

/** `po,svc` → their mappings; a category means all that is in it. */
export const resolveTypes = (session: Session, types: string): Mapping[] => {
  const mappings: Mapping[] = [];
  for (const type of new Set(types.split(','))) {
    const category = type === '' ? [] : session.discovery.lookUp(type) ? [] : session.discovery.category(type);
    for (const mapping of category.length > 0 ? category : [session.discovery.mappingFor(type)])
      if (!mappings.some((known) => gvrText(known) === gvrText(mapping))) mappings.push(mapping);
  }
  return mappings;
};

const slashed = (args: readonly string[], command: string): [string, string][] | undefined => {
  const count = args.filter((arg) => arg.includes('/')).length;
  if (count === 0) return undefined;
  if (count !== args.length)
    throw new CliError(
      `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. '${command} get resource/<resource_name>' instead of '${command} get resource resource/<resource_name>'`,
    );
  return args.map((arg) => {
    const parts = arg.split('/');
    if (parts.length !== 2) throw new CliError('arguments in resource/name form may not have more than one slash');
    const [type, name] = parts as [string, string];
    if (!type || !name || type.includes(','))
      throw new CliError('arguments in resource/name form must have a single resource and name');
    return [type, name];
  });
};

const collect = (singleItemImplied: boolean, work: readonly (() => Info | Info[])[]): Built => {
  const infos: Info[] = [];
  const errors: Error[] = [];
  for (const each of work) {
    try {
      infos.push(...[each()].flat());
    } catch (error) {
      errors.push(error as Error);
    }
  }
  return { infos, errors, singleItemImplied, lists: [] };
};

const refuseAllNamespaces = (mapping: Mapping, options: BuildOptions): void => {
  if (options.allNamespaces && mapping.namespaced)
    throw new CliError('a resource cannot be retrieved by name across all namespaces');
};

const byTuples = (session: Session, tuples: readonly [string, string][], options: BuildOptions): Built => {
  if (options.labelSelector || options.fieldSelector || options.selectAll)
    throw new CliError('selectors and the all flag cannot be used when passing resource/name arguments');
  const wanted = tuples.map(([type, name]) => ({ mapping: session.discovery.mappingFor(type), name }));
  for (const { mapping } of wanted) refuseAllNamespaces(mapping, options);
  return collect(
    tuples.length === 1,
    wanted.map(
      ({ mapping, name }) =>
        () =>
          fetchByName(session, mapping, name, options),
    ),
  );
};

const byNames = (
  session: Session,
  mappings: readonly Mapping[],
  names: readonly string[],
  options: BuildOptions,
): Built => {
  for (const mapping of mappings) refuseAllNamespaces(mapping, options);
  return collect(
    names.length === 1 && mappings.length === 1,
    mappings.flatMap((mapping) => names.map((name) => () => fetchByName(session, mapping, name, options))),
  );
};

const fetchByName = (session: Session, mapping: Mapping, name: string, options: BuildOptions): Info => {
  const namespace = mapping.namespaced ? session.namespace : '';
  if (options.fetch === false) return { mapping, namespace, name, object: {} };
  return { mapping, namespace, name, object: fetchObject(session, mapping, namespace, name, options) };
};

export const fetchObject = (
  session: Session,
  mapping: Mapping,
  namespace: string,
  name: string,
  options: BuildOptions = {},
): Obj => {
  if (!name) throw new CliError('resource name may not be empty');
  return session.rest.get(pathOf(mapping, namespace, name, options.subresource), {
    ...(options.accept ? { accept: options.accept } : {}),
    ...(options.query ? { query: options.query } : {}),
  });
};

const byLists = (session: Session, mappings: readonly Mapping[], options: BuildOptions): Built => {
  const lists: { mapping: Mapping; object: Obj }[] = [];
  const built = collect(
    false,
    mappings.map((mapping) => () => {
      const object = fetchList(session, mapping, options);
      lists.push({ mapping, object });
      if (object['kind'] === 'Table')
        return {
          mapping,
          namespace: mapping.namespaced && !options.allNamespaces ? session.namespace : '',
          name: '',
          object,
        };
      return listItems(object).map((item) => infoOf(mapping, item));
    }),
  );
  return { ...built, lists };
};

/** The items of a list, each with its apiVersion and kind, which lists of built-in kinds leave out. */
export const listItems = (object: Obj): Obj[] => {
  const kind = text(object, 'kind').replace(/List$/, '');
  return listAt(object, 'items').map((item) =>
    item['kind'] ? item : { apiVersion: object['apiVersion'], kind, ...item },
  );
};

export const infoOf = (mapping: Mapping, object: Obj, source?: string): Info => ({
  mapping,
  namespace: text(object, 'metadata', 'namespace'),
  name: text(object, 'metadata', 'name'),
  ...(source === undefined ? {} : { source }),
  object,
});

/** All pages of a list as one. */
export const fetchList = (session: Session, mapping: Mapping, options: BuildOptions): Obj => {
  const path = pathOf(mapping, options.allNamespaces ? undefined : session.namespace);
  const query = {
    ...options.query,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.chunkSize || undefined,
  };
  const accept = options.accept ? { accept: options.accept } : {};
  let result: Obj | undefined;
  for (let more = ''; ;) {
    const page = enhanced(mapping, options, () =>
      session.rest.get(path, { ...accept, query: { ...query, continue: more || undefined } }),
    );
    result = result ? joinPages(result, page) : page;
    more = text(page, 'metadata', 'continue');
    if (!more) return result;
  }
};

const joinPages = (first: Obj, page: Obj): Obj => ({
  ...first,
  metadata: page['metadata'],
  ...(first['kind'] === 'Table'
    ? { rows: [...listAt(first, 'rows'), ...listAt(page, 'rows')] }
    : { items: [...listAt(first, 'items'), ...listAt(page, 'items')] }),
});

const enhanced = (mapping: Mapping, options: BuildOptions, read: () => Obj): Obj => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StatusError) || (error.status.reason !== 'BadRequest' && !isNotFound(error))) throw error;
    const subject = goQuote(gvrText(mapping));
    throw new StatusError(
      error.status,
      options.labelSelector || options.fieldSelector
        ? `Unable to find ${subject} that match label selector ${goQuote(options.labelSelector ?? '')}, field selector ${goQuote(options.fieldSelector ?? '')}: ${error.message}`
        : `Unable to list ${subject}: ${error.message}`,
    );
  }
};

const byFiles = (session: Session, options: BuildOptions): Built => {
  const infos: Info[] = [];
  const errors: Error[] = [];
  const validate = options.validate ?? false;
  const sources: { source: string; documents: Document[] }[] = options.kustomize
    ? [{ source: options.kustomize, documents: kustomize(session.io, options.kustomize).map((object) => ({ object })) }]
    : manifestFiles(session.io, options.filenames!, options.recursive ?? false).map(({ source, content }) => ({
        source,
        documents: readDocuments(content, source, { validate }),
      }));
  let documentCount = 0;
  for (const { source, documents } of sources)
    for (const document of documents) {
      documentCount++;
      try {
        if ('error' in document) throw document.error;
        const info = infoOfDocument(session, document.object, source, options);
        if (validate) checkValidated(session, info.mapping, source);
        if (options.fetch !== false && options.fetchFiles !== false)
          info.object = fetchObject(session, info.mapping, info.namespace, info.name, options);
        infos.push(info);
      } catch (error) {
        errors.push(error as Error);
      }
    }
  const single = sources.length === 1 && documentCount === 1 && !options.kustomize;
  return { infos, errors, singleItemImplied: single, lists: [] };
};

/**
 * kubectl has the server validate fields, where the server says that it does, which it says of patches. Of other kinds it
 * asks whether they are custom ones; who may not know that cannot validate.
 */
const checkValidated = (session: Session, { verbs }: Mapping, source: string): void => {
  if (verbs.includes('patch')) return;
  try {
    session.rest.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
  } catch (error) {
    throw new CliError(
      `error validating ${goQuote(source)}: error validating data: failed to check CRD: failed to list CRDs: ` +
        `${(error as Error).message}; ${STOP_VALIDATING}`,
    );
  }
};

const infoOfDocument = (session: Session, object: Obj, source: string, options: BuildOptions): Info => {
  const apiVersion = text(object, 'apiVersion');
  const kind = text(object, 'kind');
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const mapping = session.discovery.kindMapping(group, version, kind);
  const name = text(object, 'metadata', 'name');
  const namespace = text(object, 'metadata', 'namespace');
  if (!mapping)
    throw new CliError(
      `resource mapping not found for name: ${goQuote(name)} namespace: ${goQuote(namespace)} from ${goQuote(source)}: no matches for kind ${goQuote(kind)} in version ${goQuote(versionOf(group, version))}\nensure CRDs are installed first`,
    );
  if (!mapping.namespaced)
    return {
      mapping,
      namespace: '',
      name,
      source,
      object: namespace ? withAt(object, ['metadata', 'namespace'], undefined) : object,
    };
  if (namespace && session.explicitNamespace && !options.allNamespaces && namespace !== session.namespace)
    throw new CliError(
      `the namespace from the provided object ${goQuote(namespace)} does not match the namespace ${goQuote(session.namespace)}. You must pass '--namespace=${namespace}' to perform this operation.`,
    );
  const placed = namespace || options.local ? object : withAt(object, ['metadata', 'namespace'], session.namespace);
  return { mapping, namespace: namespace || session.namespace, name, source, object: placed };
};
