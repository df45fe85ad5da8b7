import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import { readText } from '../../manifest/files.ts';
import type { Session } from '../../session.ts';
import { byText } from '../../value.ts';

const KEY = /^[-._a-zA-Z0-9]+$/;
const ENV = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const ENV_RULE =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

export interface KeyValue {
  readonly key: string;
  readonly value: string | Uint8Array;
}

/** The data that --from-literal, --from-file and --from-env-file give. `kind` is for error texts: `ConfigMap "x"`. */
export const keyValues = (session: Session, kind: string, name: string): KeyValue[] => {
  const { flags } = session;
  const found: KeyValue[] = [];
  const secret = kind === 'Secret';
  const add = (key: string, value: string | Uint8Array): void => {
    if (!KEY.test(key))
      throw new CliError(
        secret
          ? `${goQuote(key)} is not valid key name for a Secret ${KEY_RULE}`
          : `${goQuote(key)} is not a valid key name for a ${kind}: ${KEY_RULE}`,
      );
    if (found.some((each) => each.key === key))
      throw new CliError(
        secret
          ? `cannot add key ${key}, another key by that name already exists`
          : `cannot add key ${goQuote(key)}, another key by that name already exists in Data for ${kind} ${goQuote(name)}`,
      );
    found.push({ key, value });
  };
  if (
    flags.list('from-env-file').length > 0 &&
    (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)
  )
    throw new CliError('from-env-file cannot be combined with from-file or from-literal');
  for (const literal of flags.list('from-literal')) {
    const equals = literal.indexOf('=');
    if (equals <= 0) throw new CliError(`invalid literal source ${literal}, expected key=value`);
    const value = literal.slice(equals + 1);
    add(literal.slice(0, equals), /^(".*"|'.*')$/s.test(value) ? value.slice(1, -1) : value);
  }
  for (const source of flags.list('from-file')) fromFile(session, source, add);
  for (const file of flags.list('from-env-file')) fromEnvFile(session, file, add);
  return found;
};

const fromFile = (session: Session, source: string, add: (key: string, value: string | Uint8Array) => void): void => {
  const parts = source.split('=');
  if (parts.length > 2) throw new CliError("key names or file paths cannot contain '='");
  if (parts.length === 2 && parts[0] === '') throw new CliError(`key name for file path ${parts[1]!} missing`);
  if (parts.length === 2 && parts[1] === '') throw new CliError(`file path for key name ${parts[0]!} missing`);
  const path = parts.at(-1)!;
  const { files } = session.io;
  const folder = path.replace(/(?<=.)\/+$/, '');
  const names = files.read(path) === undefined && path !== '-' ? files.list(folder) : undefined;
  if (names) {
    if (parts.length === 2) throw new CliError('cannot give a key name for a directory path');
    for (const name of [...names].sort(byText)) {
      const content = files.read(`${folder}/${name}`);
      if (content !== undefined && KEY.test(name)) add(name, content);
    }
    return;
  }
  const content = path === '-' ? (session.io.stdin ?? '') : files.read(path);
  if (content === undefined) throw new CliError(`error reading ${path}: no such file or directory`);
  add(parts.length === 2 ? parts[0]! : path.slice(path.lastIndexOf('/') + 1), content);
};

const fromEnvFile = (session: Session, file: string, add: (key: string, value: string) => void): void => {
  const content = readText(session.io, file);
  if (content === undefined) throw new CliError(`error reading ${file}: no such file or directory`);
  for (const line of content.split('\n')) {
    const trimmed = line.trimStart().replace(/\r$/, '');
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const equals = trimmed.indexOf('=');
    const key = equals < 0 ? trimmed : trimmed.slice(0, equals);
    if (!ENV.test(key)) throw new CliError(`${goQuote(key)} is not a valid key name: ${ENV_RULE}`);
    if (equals >= 0) add(key, trimmed.slice(equals + 1));
  }
};

/** Bytes (or text as UTF-8) as base64. */
export const base64 = (value: string | Uint8Array): string => {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
};

/** The text of bytes, if they are UTF-8. */
export const utf8 = (value: string | Uint8Array): string | undefined => {
  if (typeof value === 'string') return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value);
  } catch {
    return undefined;
  }
};
