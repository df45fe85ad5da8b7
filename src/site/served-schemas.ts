import { globSync, readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const FILE = 'src/api/schema/definitions.json';

/** Names of definitions in a text: in our sources, or in the `$ref`s of a definition. */
const namesIn = (text: string): readonly string[] => text.match(/\bio\.k8s\.[\w.-]*\w/g) ?? [];

/**
 * Leaves out of a lab's worker the definitions of kinds that nothing in our sources names: Node has all of them, a
 * reader downloads those that a lab can use.
 */
export function servedSchemas(): Plugin {
  return {
    name: 'served-schemas',
    enforce: 'pre',
    load(id) {
      if (!id.split('?')[0]!.endsWith(FILE)) return undefined;
      const { definitions, ...rest } = JSON.parse(readFileSync(FILE, 'utf8')) as {
        definitions: Record<string, unknown>;
      };
      const queue = globSync('src/**/*.ts').flatMap((file) => namesIn(readFileSync(file, 'utf8')));
      queue.push(...Object.keys(definitions).filter((name) => name.startsWith('io.k8s.apimachinery.')));
      const kept: Record<string, unknown> = {};
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        if (name in kept || !(name in definitions)) continue;
        kept[name] = definitions[name];
        queue.push(...namesIn(JSON.stringify(definitions[name])));
      }
      return JSON.stringify({ ...rest, definitions: kept });
    },
  };
}
