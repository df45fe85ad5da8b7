import type { Command } from '../cli/command.ts';
import { CliError } from '../errors.ts';
import { kustomize } from '../manifest/kustomize/kustomize.ts';
import { toYaml } from '../print/yaml.ts';

export const kustomizeCommand: Command = {
  name: 'kustomize',
  short: 'Build a kustomization target from a directory or URL',
  flags: { output: { type: 'string', short: 'o' } },
  run: ({ io, args, flags }) => {
    if (args.length > 1) throw new CliError('specify one path to kustomization.yaml');
    const built = kustomize(io, args[0] ?? '.')
      .map(toYaml)
      .join('---\n');
    const path = flags.string('output');
    if (path && io.files.write) io.files.write(path, built);
    else io.stdout(built);
  },
};
