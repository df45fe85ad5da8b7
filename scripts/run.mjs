// `node scripts/run.mjs <script.ts | command> [arguments]`: runs a script of this folder, or a command of
// node_modules/.bin, under the Node version that package.json pins. Installs the dependencies first where they are
// missing or differ from the lock file. Has no dependencies of its own and runs on Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const windows = process.platform === 'win32';
const pinnedNode = windows ? join(root, 'node_modules', 'node', 'bin', 'node.exe') : join(bin, 'node');

/** The versions that a lock file holds, by folder; packages for other platforms may be absent and are left out. */
function versions(file) {
  const { packages } = JSON.parse(readFileSync(join(root, file), 'utf8'));
  return Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.optional && !entry.peer);
}

function isInstalled() {
  const hidden = 'node_modules/.package-lock.json';
  if (!existsSync(pinnedNode) || !existsSync(join(root, hidden))) return false;
  const installed = new Map(versions(hidden));
  return versions('package-lock.json').every(([path, entry]) => installed.get(path)?.version === entry.version);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) console.error(`Cannot run ${command}: ${error.message}`);
  return status ?? 1;
}

if (!isInstalled()) {
  console.log('Installing dependencies (npm ci)…');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-fund', '--no-audit', '--loglevel=error'];
  const code = npm?.endsWith('.js') ? run(process.execPath, [npm, ...args]) : run('npm', args, { shell: windows });
  if (code !== 0) {
    console.error('npm ci failed; see above.');
    process.exit(code);
  }
}

const [task, ...args] = process.argv.slice(2);
if (!task) {
  console.error('Usage: node scripts/run.mjs <script.ts | command> [arguments]');
  process.exit(2);
}
const env = {
  ...process.env,
  PATH: [bin, dirname(pinnedNode), process.env.PATH].join(delimiter),
  ASTRO_TELEMETRY_DISABLED: '1',
};
process.exit(
  task.endsWith('.ts') ? run(pinnedNode, [task, ...args], { env }) : run(task, args, { env, shell: windows }),
);
