import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import { configMapHash, secretHash } from '../../manifest/name-hash.ts';
import { readText } from '../../manifest/files.ts';
import { goJson } from '../../../api/go-text.ts';
import { text, withAt, type Obj } from '../../value.ts';
import { base64, keyValues, utf8 } from './key-values.ts';
import { createGenerated, generatorFlags, nameArg } from './generate.ts';

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true };
const SECRET = { group: '', version: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true };

const dataFlags = {
  ...generatorFlags,
  'from-file': { type: 'list' },
  'from-literal': { type: 'array' },
  'from-env-file': { type: 'list' },
  'append-hash': { type: 'bool' },
} as const;

const hashed = (object: Obj, hash: (object: Obj) => string): Obj =>
  withAt(object, ['metadata', 'name'], `${text(object, 'metadata', 'name')}-${hash(object)}`);

export const createConfigMap: Command = {
  name: 'configmap',
  aliases: ['cm'],
  short: 'Create a config map from a local file, directory or literal value',
  flags: dataFlags,
  run: (session) => {
    const name = nameArg(session);
    const data: Record<string, string> = {};
    const binaryData: Record<string, string> = {};
    for (const { key, value } of keyValues(session, 'ConfigMap', name)) {
      const content = utf8(value);
      if (content === undefined) binaryData[key] = base64(value);
      else data[key] = content;
    }
    let object: Obj = {
      metadata: { name },
      ...(Object.keys(data).length > 0 ? { data } : {}),
      ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
    };
    if (session.flags.bool('append-hash')) object = hashed(object, configMapHash);
    createGenerated(session, CONFIG_MAP, object, 'failed to create configmap');
  },
};

const generic: Command = {
  name: 'generic',
  short: 'Create a secret from a local file, directory, or literal value',
  flags: { ...dataFlags, type: { type: 'string' } },
  run: (session) => {
    const name = nameArg(session);
    const data: Record<string, string> = {};
    for (const { key, value } of keyValues(session, 'Secret', name)) data[key] = base64(value);
    const type = session.flags.string('type');
    let object: Obj = {
      metadata: { name },
      ...(Object.keys(data).length > 0 ? { data } : {}),
      ...(type ? { type } : {}),
    };
    if (session.flags.bool('append-hash')) object = hashed(object, secretHash);
    createGenerated(session, SECRET, object, 'failed to create secret', ' ');
  },
};

const tls: Command = {
  name: 'tls',
  short: 'Create a TLS secret',
  flags: { ...generatorFlags, cert: { type: 'string' }, key: { type: 'string' }, 'append-hash': { type: 'bool' } },
  run: (session) => {
    const name = nameArg(session);
    const read = (flag: string): string => {
      const path = session.flags.string(flag);
      if (!path) throw new CliError('key and cert must be specified');
      const content = readText(session.io, path);
      if (content === undefined)
        throw new CliError(`Cannot read file ${path}, open ${path}: no such file or directory`);
      return content;
    };
    const data = { 'tls.crt': base64(read('cert')), 'tls.key': base64(read('key')) };
    createGenerated(
      session,
      SECRET,
      { metadata: { name }, data, type: 'kubernetes.io/tls' },
      'failed to create secret',
      ' ',
    );
  },
};

const dockerRegistry: Command = {
  name: 'docker-registry',
  short: 'Create a secret for use with a Docker registry',
  flags: {
    ...generatorFlags,
    'docker-username': { type: 'string' },
    'docker-password': { type: 'string' },
    'docker-email': { type: 'string' },
    'docker-server': { type: 'string', default: 'https://index.docker.io/v1/' },
    'append-hash': { type: 'bool' },
    'from-file': { type: 'list' },
  },
  run: (session) => {
    const name = nameArg(session);
    const { flags } = session;
    const username = flags.string('docker-username');
    const password = flags.string('docker-password');
    if (!username || !password)
      throw new CliError(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      );
    const email = flags.string('docker-email');
    const auth = { username, password, ...(email ? { email } : {}), auth: base64(`${username}:${password}`) };
    const config = goJson({ auths: { [flags.string('docker-server')]: auth } }, { keepOrder: true });
    createGenerated(
      session,
      SECRET,
      { metadata: { name }, data: { '.dockerconfigjson': base64(config) }, type: 'kubernetes.io/dockerconfigjson' },
      'failed to create secret',
      ' ',
    );
  },
};

export const createSecret: Command = {
  name: 'secret',
  short: 'Create a secret using a specified subcommand',
  long: 'Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.',
  usage: 'kubectl create secret (docker-registry | generic | tls) [options]',
  commands: [dockerRegistry, generic, tls],
};
