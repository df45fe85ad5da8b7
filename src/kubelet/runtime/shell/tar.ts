import { TAR_END, tarEntries, tarEntry } from '../../../api/tar.ts';
import type { Program } from '../process.ts';
import { fail, pathOf, readFile, type Applets, type Command } from './command.ts';

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/** The archive of a path and what lies below it; undefined when there is none. */
function archiveOf(command: Command, folder: string, path: string): string | undefined {
  const { files } = command.process.machine;
  const mtime = Math.floor(command.process.now / 1000);
  const whole = pathOf(command, path.startsWith('/') ? path : `${folder}/${path}`);
  // As all tars do: an archive holds no absolute names.
  const name = path.replace(/^\/+/, '').replace(/\/+$/, '');
  if (!files.isDirectory(whole)) {
    const file = readFile(command, whole);
    return file && tarEntry({ name, mode: file.mode ?? FILE_MODE, text: file.text, mtime });
  }
  let out = tarEntry({ name: `${name || '.'}/`, mode: DIRECTORY_MODE, text: '', mtime });
  for (const child of files.list(whole))
    out += archiveOf(command, folder, `${path.replace(/\/+$/, '')}/${child}`) ?? '';
  return out;
}

/** Unpacks an archive. */
function extract(command: Command, folder: string, archive: string): number {
  const { files } = command.process.machine;
  for (const { name, text } of tarEntries(archive)) {
    const path = pathOf(command, `${folder}/${name}`);
    const parents = path.split('/').slice(1, -1);
    for (let i = 1; i <= parents.length; i++) files.makeDirectory(`/${parents.slice(0, i).join('/')}`);
    const fault = name.endsWith('/') ? files.makeDirectory(path) : files.write(path, text);
    if (fault && fault !== 'File exists') return fail(command, `can't open '${name}': ${fault}`);
  }
  return 0;
}

/** What of tar `kubectl cp` uses: archives to standard output, archives from standard input. */
function* tar(command: Command): Program {
  let folder = command.process.cwd;
  let mode = '';
  let file = '';
  const paths: string[] = [];
  for (let i = 0; i < command.args.length; i++) {
    const arg = command.args[i]!;
    if (arg === '-C') folder = pathOf(command, command.args[++i] ?? '.');
    else if (arg.startsWith('--')) continue;
    else if (mode === '' || (arg.startsWith('-') && arg !== '-')) {
      const letters = arg.replace(/^-/, '');
      mode ||= /[cxt]/.exec(letters)?.[0] ?? '';
      if (letters.includes('f')) file = command.args[++i] ?? '';
    } else paths.push(arg);
  }
  if (mode === 'c') {
    let out = '';
    for (const path of paths) {
      const archive = archiveOf(command, folder, path);
      if (archive === undefined) {
        command.err(`tar: ${path}: Cannot stat: No such file or directory\n`);
        command.err('tar: Exiting with failure status due to previous errors\n');
        return 2;
      }
      out += archive;
    }
    out += TAR_END;
    if (file === '-' || file === '') command.out(out);
    else command.process.machine.files.write(pathOf(command, file), out);
    return 0;
  }
  if (mode !== 'x') return fail(command, 'only archives made (c) and unpacked (x) are known here');
  const archive = file === '-' || file === '' ? yield* command.input.all() : readFile(command, file)?.text;
  if (archive === undefined) return fail(command, `can't open '${file}': No such file or directory`);
  return extract(command, folder, archive);
}

export const ARCHIVE_APPLETS: Applets = { tar };
