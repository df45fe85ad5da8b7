import { TAR_END, tarEntries, tarEntry } from '../../../api/tar.ts';
import type { Command } from '../../cli/command.ts';
import { chosenContainer } from '../../containers.ts';
import { CliError } from '../../errors.ts';
import type { KubectlIo } from '../../io.ts';
import type { Session } from '../../session.ts';
import { podPath } from './pod-of.ts';
import { remote, type StreamOptions } from './stream.ts';

export const cpCommand: Command = {
  name: 'cp',
  short: 'Copy files and directories to and from containers',
  usage: 'kubectl cp <file-spec-src> <file-spec-dest> [options]',
  flags: {
    container: { type: 'string', short: 'c' },
    'no-preserve': { type: 'bool' },
    retries: { type: 'int' },
  },
  run: (session) => copy(session),
};

/** `pod:path`, `namespace/pod:path`, or a path here. */
interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly path: string;
}

const LOCAL = /^[^:]*$/;

const placeOf = (session: Session, given: string): Place => {
  const colon = given.indexOf(':');
  if (colon === 0) throw badSpec();
  if (colon < 0 || LOCAL.test(given)) return { namespace: '', pod: '', path: given };
  const path = given.slice(colon + 1);
  const [first = '', second, ...more] = given.slice(0, colon).split('/');
  if (more.length > 0) throw badSpec();
  return second === undefined
    ? { namespace: session.namespace, pod: first, path }
    : { namespace: first, pod: second, path };
};

const badSpec = (): CliError => new CliError('filespec must match the canonical format: [[namespace/]pod:]file/path');

/** Copies with the tar of the container, which has to have one. */
const copy = async (session: Session): Promise<void> => {
  const { args, io } = session;
  if (args.length !== 2) throw new CliError('source and destination are required');
  const [from, to] = args.map((given) => placeOf(session, given)) as [Place, Place];
  if (from.pod !== '' && to.pod !== '') throw new CliError('one of src or dest must be a local file specification');
  if (from.path === '' || to.path === '') throw new CliError('filepath can not be empty');
  if (from.pod === '' && to.pod === '') throw new CliError('one of src or dest must be a remote file specification');
  const upwards = from.pod === '';
  if (upwards && io.files.read(from.path) === undefined && io.files.list(from.path) === undefined)
    throw new CliError(`${from.path} doesn't exist in local filesystem`);
  const place = upwards ? to : from;
  const pod = session.rest.get(`/api/v1/namespaces/${place.namespace}/pods/${place.pod}`);
  // What goes wrong on the way from a container is said on standard output.
  const said = upwards ? session : { ...session, io: { ...io, stderr: (text: string) => io.stdout(text) } };
  const container = chosenContainer(said, pod, session.flags.string('container'));
  const errors = (text: string): void => said.io.stderr(text);
  const run: Run = (command, options) => {
    const query = [...command.map((word) => ['command', word] as const), ['container', container] as const];
    return remote(session, podPath(pod, 'exec'), query, { stdin: upwards, tty: false, errors, ...options });
  };
  if (upwards) await copyUp(session, run, from.path, to.path);
  else await copyDown(session, run, from.path, to.path);
};

type Run = (command: readonly string[], options: Omit<StreamOptions, 'tty' | 'stdin'>) => Promise<void>;

const base = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? path;

const copyUp = async (session: Session, run: Run, from: string, to: string): Promise<void> => {
  let target = to;
  try {
    await run(['test', '-d', to], { input: '', output: () => undefined, errors: () => undefined, silent: true });
    target = `${to.replace(/\/+$/, '')}/${base(from)}`;
  } catch {
    // No folder there: the name is the file's.
  }
  const slash = target.lastIndexOf('/');
  const folder = slash > 0 ? ['-C', target.slice(0, slash)] : slash === 0 ? ['-C', '/'] : [];
  const owner = session.flags.bool('no-preserve') ? ['--no-same-permissions', '--no-same-owner'] : [];
  const input = [...packed(session.io, from, base(target))].join('') + TAR_END;
  await run(['tar', ...owner, '-xmf', '-', ...folder], { input });
};

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** A local file or folder under another name, as it stands in an archive. */
function* packed(io: KubectlIo, path: string, name: string): Generator<string> {
  const mtime = Math.floor(io.now() / 1000);
  const content = io.files.read(path);
  if (content !== undefined) {
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
    yield tarEntry({ name, mode: FILE_MODE, text, mtime });
    return;
  }
  yield tarEntry({ name: `${name}/`, mode: FOLDER_MODE, text: '', mtime });
  for (const child of [...(io.files.list(path) ?? [])].sort())
    yield* packed(io, `${path}/${child}`, `${name}/${child}`);
}

const copyDown = async ({ io }: Session, run: Run, from: string, to: string): Promise<void> => {
  let archive = '';
  await run(['tar', 'cf', '-', from], { output: (text) => (archive += text) });
  const prefix = from.replace(/^[./]+/, '').replace(/\/+$/, '');
  for (const { name, text } of tarEntries(archive)) {
    if (!name.startsWith(prefix)) throw new CliError('tar contents corrupted');
    if (name.endsWith('/')) continue;
    const path = `${to}${name.slice(prefix.length)}`;
    if (io.files.list(path) !== undefined && io.files.read(path) === undefined)
      throw new CliError(`open ${path}: is a directory`);
    if (!io.files.write) throw new CliError(`open ${path}: read-only file system`);
    io.files.write(path, text);
  }
};
