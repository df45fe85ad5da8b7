import type { Command } from '../cli/command.ts';
import { alignTable } from '../print/table.ts';
import { resourceName, versionOf, type Mapping } from '../discovery.ts';
import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { goJson } from '../../api/go-text.ts';
import { toKyaml } from '../print/kyaml.ts';
import { toYaml } from '../print/yaml.ts';
import { seeHelp, type Session } from '../session.ts';
import { byText, text, type Obj } from '../value.ts';

export const apiResourcesCommand: Command = {
  name: 'api-resources',
  short: 'Print the supported API resources on the server',
  flags: {
    'api-group': { type: 'string' },
    cached: { type: 'bool' },
    categories: { type: 'list' },
    namespaced: { type: 'bool', default: true },
    'no-headers': { type: 'bool' },
    output: { type: 'string', short: 'o' },
    'show-managed-fields': { type: 'bool' },
    'sort-by': { type: 'string' },
    verbs: { type: 'list' },
  },
  run: (session) => apiResources(session),
};

const apiResources = (session: Session): void => {
  const { flags, io, args } = session;
  if (args.length > 0) throw new CliError(seeHelp(session, `unexpected arguments: [${args.join(' ')}]`));
  const sortBy = flags.string('sort-by');
  if (sortBy !== '' && sortBy !== 'name' && sortBy !== 'kind')
    throw new CliError('--sort-by accepts only name or kind');
  const output = flags.string('output');
  if (!['', 'wide', 'name', 'json', 'yaml', 'kyaml'].includes(output))
    throw new CliError(
      `unable to match a printer suitable for the output format ${goQuote(output)}, allowed formats are: json,kyaml,name,wide,yaml`,
    );
  const found = session.discovery
    .refreshed()
    .filter(
      (m) =>
        m.preferred &&
        m.verbs.length > 0 &&
        (!flags.changed('api-group') || m.group === flags.string('api-group')) &&
        (!flags.changed('namespaced') || m.namespaced === flags.bool('namespaced')) &&
        flags.list('verbs').every((verb) => m.verbs.includes(verb)) &&
        flags.list('categories').every((category) => m.categories.includes(category)),
    );
  const key = (m: Mapping): string =>
    sortBy === 'kind' ? m.kind : sortBy === 'name' ? m.resource : `${m.group}\0${m.resource}`;
  const sorted = [...found].sort((a, b) => byText(key(a), key(b)));
  if (output === 'name') return io.stdout(sorted.map((m) => `${resourceName(m)}\n`).join(''));
  if (output === '' || output === 'wide') return io.stdout(table(sorted, output === 'wide', flags.bool('no-headers')));
  const list: Obj = {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: '',
    resources: sorted.map(resourceObject),
  };
  io.stdout(
    output === 'json'
      ? `${goJson(list, { indent: '    ', keepOrder: true })}\n`
      : output === 'yaml'
        ? toYaml(list)
        : toKyaml(list),
  );
};

const table = (mappings: readonly Mapping[], wide: boolean, noHeaders: boolean): string => {
  const rows = mappings.map((m) => [
    m.resource,
    m.shortNames.join(','),
    versionOf(m.group, m.version),
    String(m.namespaced),
    m.kind,
    ...(wide ? [m.verbs.join(','), m.categories.join(',')] : []),
  ]);
  const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
  return alignTable([...(noHeaders ? [] : [header]), ...rows].map((row) => `${row.join('\t')}\n`).join(''));
};

const resourceObject = (m: Mapping): Obj => ({
  name: m.resource,
  singularName: m.singular,
  namespaced: m.namespaced,
  ...(m.group ? { group: m.group } : {}),
  version: m.version,
  kind: m.kind,
  verbs: m.verbs,
  ...(m.shortNames.length > 0 ? { shortNames: m.shortNames } : {}),
  ...(m.categories.length > 0 ? { categories: m.categories } : {}),
});

export const apiVersionsCommand: Command = {
  name: 'api-versions',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  run: (session) => {
    const versions = new Set(session.discovery.refreshed().map((m) => versionOf(m.group, m.version)));
    session.io.stdout(
      [...versions]
        .sort(byText)
        .map((version) => `${version}\n`)
        .join(''),
    );
  },
};

const CLIENT = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.4',
  gitCommit: 'bb826b1d48562f110659e64e8ec444327433db95',
  gitTreeState: 'clean',
  buildDate: '2026-09-29T20:03:31Z',
  goVersion: 'go1.27.1',
  compiler: 'gc',
  platform: 'linux/amd64',
};
const KUSTOMIZE = 'v5.8.1';

export const versionCommand: Command = {
  name: 'version',
  short: 'Print the client and server version information',
  flags: { client: { type: 'bool' }, output: { type: 'string', short: 'o' } },
  run: (session) => {
    const { flags, io, rest } = session;
    const output = flags.string('output');
    if (output !== '' && output !== 'yaml' && output !== 'json')
      throw new CliError("--output must be 'yaml' or 'json'");
    const server = flags.bool('client') ? undefined : (rest.get('/version') as Obj);
    if (output === '') {
      io.stdout(`Client Version: ${CLIENT.gitVersion}\nKustomize Version: ${KUSTOMIZE}\n`);
      if (server) io.stdout(`Server Version: ${text(server, 'gitVersion')}\n`);
      return;
    }
    const versions: Obj = {
      clientVersion: CLIENT,
      kustomizeVersion: KUSTOMIZE,
      ...(server ? { serverVersion: server } : {}),
    };
    io.stdout(output === 'yaml' ? toYaml(versions) : `${goJson(versions, { indent: '  ', keepOrder: true })}\n`);
  },
};
