import { globalFlags } from './cli/flag-sets.ts';
import { rootCommand } from './commands/root.ts';
import { Discovery, pathOf } from './discovery.ts';
import type { KubectlIo } from './io.ts';
import { Rest } from './rest.ts';
import { list, text } from './value.ts';

/** What may stand at the cursor: `options` replace the text from `from` to the cursor. */
export interface Completion {
  readonly from: number;
  readonly options: readonly string[];
}

const OUTPUTS = ['custom-columns=', 'go-template=', 'json', 'jsonpath=', 'name', 'wide', 'yaml'];
/** Commands whose first argument is a type and whose others are names. */
const OBJECTS = new Set([
  'annotate',
  'delete',
  'describe',
  'expose',
  'get',
  'label',
  'patch',
  'rollout',
  'scale',
  'set',
  'wait',
]);

/** Completes a line that begins with `kubectl `: commands, flags, types, names, namespaces, output formats. */
export const complete = (line: string, cursor: number, io: KubectlIo): Completion => {
  const words = line.slice(0, cursor).trimStart().split(/\s+/);
  const word = words.at(-1)!;
  const sign = Math.max(word.lastIndexOf('/'), word.lastIndexOf('='), word.lastIndexOf(','));
  const prefix = word.slice(sign + 1);
  const options = candidates(words, word, io).filter((option) => option.startsWith(prefix));
  return { from: cursor - prefix.length, options: [...new Set(options)].sort() };
};

const candidates = (words: readonly string[], word: string, io: KubectlIo): string[] => {
  let command = rootCommand;
  const given: string[] = [];
  for (const each of words.slice(1, -1)) {
    const next = command.commands?.find(({ name, aliases }) => name === each || aliases?.includes(each));
    if (next) command = next;
    else if (!each.startsWith('-')) given.push(each);
  }
  const before = words.at(-2) ?? '';
  const discovery = new Discovery(new Rest(io));
  const namespaceAt = words.findIndex((each) => each === '-n' || each === '--namespace');
  const namespace = (namespaceAt > 0 ? words[namespaceAt + 1] : undefined) ?? io.config.namespace;
  const names = (type: string): string[] => {
    const mapping = discovery.lookUp(type);
    if (!mapping) return [];
    return list(new Rest(io).get(pathOf(mapping, namespace)), 'items').map((item) => text(item, 'metadata', 'name'));
  };
  if (before === '-n' || before === '--namespace' || word.startsWith('--namespace=')) return names('namespaces');
  if (before === '-o' || before === '--output' || word.startsWith('--output=')) return OUTPUTS;
  if (before === '-f' || before === '--filename' || word.startsWith('--filename='))
    return [...(io.files.list('.') ?? [])];
  if (word.startsWith('-')) return Object.keys({ ...command.flags, ...globalFlags }).map((name) => `--${name}`);
  if (command.commands && given.length === 0) return command.commands.map(({ name }) => name);
  if (command.name === 'logs') return word.includes('/') ? names(word.slice(0, word.indexOf('/'))) : names('pods');
  if (!OBJECTS.has(words[1] ?? '')) return [];
  if (word.includes('/')) return names(word.slice(0, word.indexOf('/')));
  return given.length === 0
    ? discovery.mappings.filter(({ verbs }) => verbs.includes('get')).map(({ resource }) => resource)
    : names(given[0]!);
};
