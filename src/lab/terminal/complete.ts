import { kinds } from '../../api/kinds.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Completion } from '../protocol.ts';

/** What completion may look at. */
export interface CompletionSource {
  readonly programs: readonly string[];
  readonly files: readonly string[];
  objects(kind: string): Iterable<UntypedObject>;
  readonly namespace: string;
}

/** The commands of our kubectl, and the words that may follow those that have subcommands. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  annotate: [],
  'api-resources': [],
  'api-versions': [],
  apply: [],
  'cluster-info': [],
  config: ['current-context', 'get-contexts', 'set-context', 'view'],
  create: [],
  delete: [],
  describe: [],
  events: [],
  expose: [],
  get: [],
  label: [],
  logs: [],
  rollout: ['history', 'pause', 'restart', 'resume', 'status', 'undo'],
  scale: [],
  set: ['image'],
  version: [],
};

const FLAGS: Readonly<Record<string, readonly string[]>> = {
  '': ['--namespace', '--help'],
  get: [
    '--all-namespaces',
    '--output',
    '--selector',
    '--watch',
    '--show-labels',
    '--sort-by',
    '--field-selector',
    '--no-headers',
  ],
  apply: ['--filename', '--dry-run'],
  create: ['--filename', '--dry-run', '--output'],
  delete: ['--filename', '--selector', '--all', '--force', '--grace-period', '--wait'],
  logs: ['--follow', '--previous', '--tail', '--container', '--timestamps'],
  scale: ['--replicas'],
  expose: ['--port', '--target-port', '--type', '--name'],
  rollout: ['--to-revision', '--revision', '--timeout'],
  events: ['--for', '--watch', '--types', '--all-namespaces'],
  label: ['--overwrite', '--selector', '--all'],
  annotate: ['--overwrite', '--selector', '--all'],
};

/** Commands whose arguments are a kind and names; `logs` takes Pods without saying so. */
const TAKES_OBJECTS = new Set(['annotate', 'delete', 'describe', 'expose', 'get', 'label', 'rollout', 'scale', 'set']);

const OUTPUTS = ['json', 'jsonpath=', 'name', 'wide', 'yaml'];

const kindNamed = (word: string): (typeof kinds)[number] | undefined => {
  const [resource] = word.toLowerCase().split('.');
  return kinds.find((kind) => [kind.resource, kind.singular, ...(kind.shortNames ?? [])].includes(resource!));
};

/** The last command of the line up to the cursor, as words; the last word is the one to complete. */
const lastCommand = (text: string): string[] =>
  text
    .split(/[|;&\n]|\$\(/)
    .at(-1)!
    .trimStart()
    .split(/\s+/);

/** What Tab offers at the cursor: commands, kubectl's verbs, kinds, names, flags and files. */
export function completeLine(line: string, cursor: number, source: CompletionSource): Completion {
  const words = lastCommand(line.slice(0, cursor));
  const word = words.at(-1)!;
  // In `deployment/we` and `--namespace=de` only what follows the sign is completed.
  const sign = Math.max(word.lastIndexOf('/'), word.lastIndexOf('='), word.lastIndexOf(','));
  const prefix = word.slice(sign + 1);
  const options = candidates(words, source).filter((option) => option.startsWith(prefix));
  return { from: cursor - prefix.length, options: [...new Set(options)].sort() };
}

function candidates(words: readonly string[], source: CompletionSource): string[] {
  const [program, verb] = words;
  const word = words.at(-1)!;
  if (words.length === 1) return [...source.programs];
  if (program !== 'kubectl' && program !== 'k') return [...source.files];
  if (words.length === 2) return Object.keys(VERBS);
  const before = words.at(-2)!;
  if (before === '-f' || before === '--filename' || word.startsWith('--filename=')) return [...source.files];
  if (before === '-n' || before === '--namespace' || word.startsWith('--namespace=')) return names(source, 'Namespace');
  if (before === '-o' || before === '--output' || word.startsWith('--output=')) return OUTPUTS;
  if (word.startsWith('-')) return [...(FLAGS[verb!] ?? []), ...FLAGS['']!];
  const subcommands = VERBS[verb!] ?? [];
  if (words.length === 3 && subcommands.length > 0) return [...subcommands];
  const given = words.slice(subcommands.length > 0 ? 3 : 2, -1).filter((w) => !w.startsWith('-'));
  if (verb === 'logs') return names(source, 'Pod', namespaceOf(words));
  if (!TAKES_OBJECTS.has(verb!)) return [];
  const slash = word.indexOf('/');
  const kind = slash > 0 ? kindNamed(word.slice(0, slash)) : given[0] === undefined ? undefined : kindNamed(given[0]);
  if (kind) return names(source, kind.kind, kind.namespaced ? namespaceOf(words) : undefined);
  return kinds.map(({ resource }) => resource);

  function namespaceOf(all: readonly string[]): string {
    const at = all.findIndex((w) => w === '-n' || w === '--namespace');
    return (at > 0 ? all[at + 1] : undefined) ?? source.namespace;
  }
}

function names(source: CompletionSource, kind: string, namespace?: string): string[] {
  const found: string[] = [];
  for (const { metadata } of source.objects(kind)) {
    if (namespace === undefined || metadata.namespace === namespace) found.push(metadata.name);
  }
  return found;
}
