export { complete, type Completion } from './complete.ts';
export type { KubectlConfig, KubectlEditor, KubectlFiles, KubectlIo } from './io.ts';
export { readYaml } from './manifest/yaml-read.ts';
export { toYaml } from './print/yaml.ts';
export { runKubectl } from './run.ts';
