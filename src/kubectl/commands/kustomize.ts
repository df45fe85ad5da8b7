import type { Command } from '../cli/command.ts';
import { kustomize } from '../manifest/kustomize.ts';
import { toYaml } from '../print/yaml.ts';

export const kustomizeCommand: Command = {
  name: 'kustomize',
  short: 'Build a kustomization target from a directory or URL',
  run: ({ io, args }) =>
    io.stdout(
      kustomize(io, args[0] ?? '.')
        .map(toYaml)
        .join('---\n'),
    ),
};
