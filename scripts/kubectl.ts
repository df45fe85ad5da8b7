import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const OLDEST_MINOR = 28;
/** The one of the recordings; others word some answers differently. */
export const WANTED_MINOR = 36;
const CACHE = resolve('node_modules/.cache/kubectl');

/** Minor version of a kubectl, undefined when it does not run. */
export function minorVersion(file: string): number | undefined {
  const { status, stdout } = spawnSync(file, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const minor = /"minor":\s*"(\d+)/.exec(stdout)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

const isRecent = (file: string): boolean => (minorVersion(file) ?? 0) >= OLDEST_MINOR;

/** First line of apt's own sources that serves Debian's main archive: its address and the key that signs it. */
function debianArchive(): { uri: string; signedBy: string } | undefined {
  const targets = spawnSync(
    'apt-get',
    ['indextargets', 'Created-By: Packages', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)'],
    {
      encoding: 'utf8',
    },
  );
  const uri = /^Debian Debian (\S+)$/m.exec(targets.stdout ?? '')?.[1];
  if (!uri) return undefined;
  const sources = globSync('/etc/apt/sources.list.d/*').concat('/etc/apt/sources.list');
  const text = sources.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('\n');
  const key = /^Signed-By:\s*(\/\S+)/m.exec(text)?.[1] ?? /\bsigned-by=(\/[^\s\]]+)/.exec(text)?.[1];
  return { uri, signedBy: key ?? '/usr/share/keyrings/debian-archive-keyring.gpg' };
}

/** Downloads kubectl from Debian unstable and unpacks it here, leaving the machine's own packages as they are. */
function fetchFromDebian(): string | undefined {
  const archive = debianArchive();
  if (!archive) return undefined;
  console.log('Fetching kubectl (apt-get download)…');
  const lists = join(CACHE, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const sources = join(CACHE, 'unstable.list');
  writeFileSync(sources, `deb [signed-by=${archive.signedBy}] ${archive.uri} unstable main\n`);
  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    'Dir::State::status=/dev/null',
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${CACHE}`,
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
    // Without a network there is another kubectl, or none.
    'Acquire::http::Timeout=20',
    'Acquire::Retries=0',
  ].flatMap((option) => ['-o', option]);
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-q', ...options, ...args], { cwd: CACHE, stdio: 'inherit' }).status === 0;
  if (!apt('update') || !apt('download', 'kubectl')) return undefined;
  const [deb] = globSync('kubectl_*.deb', { cwd: CACHE });
  if (!deb || spawnSync('dpkg', ['-x', deb, join(CACHE, 'root')], { cwd: CACHE, stdio: 'inherit' }).status !== 0)
    return undefined;
  return join(CACHE, 'root/usr/bin/kubectl');
}

/**
 * A real kubectl, 1.28 or newer, for the tests of the HTTP front: $KUBECTL, else one of 1.36 on PATH or from Debian, else
 * what PATH has. Throws where there is none: tests that did not run must not look like tests that passed.
 */
export function findKubectl(): string {
  const given = process.env['KUBECTL'];
  if (given) {
    if (isRecent(given)) return given;
    throw new Error(`KUBECTL names ${given}, which is no kubectl 1.${OLDEST_MINOR} or newer.`);
  }
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  candidates.push(join(CACHE, 'root/usr/bin/kubectl'));
  const versions = candidates
    .filter((file) => existsSync(file))
    .map((file) => [file, minorVersion(file) ?? 0] as const);
  const found =
    versions.find(([, minor]) => minor === WANTED_MINOR)?.[0] ??
    fetchFromDebian() ??
    versions.find(([, minor]) => minor >= OLDEST_MINOR)?.[0];
  if (found && isRecent(found)) return found;
  throw new Error(`No kubectl 1.${OLDEST_MINOR} or newer found. Install one, or set KUBECTL to its path.`);
}
