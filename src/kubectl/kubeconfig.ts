import { CliError } from './errors.ts';
import { goQuote } from './go-format.ts';
import type { KubectlConfig } from './io.ts';

/** Where kubectl says that the configuration is. */
export const CONFIG_FILE = '~/.kube/config';

type Context = { cluster: string; user: string; namespace: string };
type Entries = Map<string, Record<string, unknown>>;

/** The contexts of a configuration; a configuration without any has one, of its own settings. */
export const contextsOf = (config: KubectlConfig): Map<string, Context> => {
  config.contexts ??= new Map([
    [
      config.context ?? 'lab',
      { cluster: config.cluster ?? 'lab', user: config.userName ?? 'admin', namespace: config.namespace },
    ],
  ]);
  config.context ??= [...config.contexts.keys()][0]!;
  return config.contexts;
};

export const clustersOf = (config: KubectlConfig): Entries => {
  const server = config.server ?? 'https://127.0.0.1:6443';
  config.clusters ??= new Map([...contextsOf(config).values()].map(({ cluster }) => [cluster, { server }]));
  return config.clusters;
};

export const usersOf = (config: KubectlConfig): Entries => {
  config.users ??= new Map([...contextsOf(config).values()].map(({ user }) => [user, {}]));
  return config.users;
};

/** Makes a context the current one. Throws CliError when there is none of that name. */
export const useContext = (config: KubectlConfig, name: string): void => {
  const context = contextsOf(config).get(name);
  if (!context) throw new CliError(`no context exists with the name: ${goQuote(name)}`);
  config.context = name;
  config.namespace = context.namespace || 'default';
};

const CONTEXT_FIELDS = ['cluster', 'user', 'namespace'];

/**
 * Sets what a path like `contexts.dev.namespace` names, or takes it away; names may have dots in them. Throws CliError
 * for paths that a kubeconfig does not have.
 */
export const setProperty = (config: KubectlConfig, path: string, value: string | undefined): void => {
  if (path === 'current-context') {
    contextsOf(config);
    config.context = value ?? '';
    return;
  }
  const [kind = '', ...rest] = path.split('.');
  const entries: Map<string, Record<string, unknown>> | undefined =
    kind === 'contexts'
      ? (contextsOf(config) as Entries)
      : kind === 'clusters'
        ? clustersOf(config)
        : kind === 'users'
          ? usersOf(config)
          : undefined;
  if (!entries) throw new CliError(`unable to parse ${path} after [] at api.Config`);
  const whole = rest.join('.');
  if (value === undefined && (rest.length === 0 || entries.has(whole))) {
    if (rest.length === 0) entries.clear();
    else entries.delete(whole);
    return;
  }
  const field = rest.at(-1)!;
  const name = rest.slice(0, -1).join('.');
  if (rest.length < 2 || (kind === 'contexts' && !CONTEXT_FIELDS.includes(field)))
    throw new CliError(`unable to parse ${path} after [${kind}] at api.Config`);
  const entry: Record<string, unknown> = {
    ...(kind === 'contexts' ? { cluster: '', user: '', namespace: '' } : {}),
    ...entries.get(name),
  };
  if (value === undefined) {
    if (kind === 'contexts') entry[field] = '';
    else delete entry[field];
  } else entry[field] = value === 'true' ? true : value === 'false' ? false : value;
  entries.set(name, entry);
  if (kind === 'contexts' && name === config.context) useContext(config, name);
};
