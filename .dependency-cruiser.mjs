// Holds the floors of the house apart (CONTRIBUTING.md): a floor imports only from floors below it.
const FLOORS = [
  ['kernel'],
  ['api'],
  ['etcd'],
  ['apiserver'],
  ['client'],
  ['controllers', 'scheduler', 'kubelet', 'network', 'storage', 'addons'],
  ['cluster'],
  ['kubectl', 'server'],
  ['lab'],
  ['components', 'layouts', 'pages', 'styles', 'course', 'i18n', 'editor', 'site'],
];

const folders = (names) => `^src/(${names.join('|')})/`;

const upwards = FLOORS.slice(0, -1).map((floor, index) => ({
  name: `floor-${index + 1}-looks-up`,
  comment: `src/${floor.join(', src/')} may import only from floors below.`,
  severity: 'error',
  from: { path: folders(floor) },
  to: { path: folders(FLOORS.slice(index + 1).flat()) },
}));

const components = FLOORS[5].map((name) => ({
  name: `${name}-knows-its-neighbour`,
  comment: 'Components of floor 6 never import one another: the cluster wires them.',
  severity: 'error',
  from: { path: folders([name]) },
  to: { path: folders(FLOORS[5].filter((other) => other !== name)) },
}));

export default {
  forbidden: [
    ...upwards,
    ...components,
    {
      name: 'kubectl-and-server-apart',
      severity: 'error',
      from: { path: '^src/kubectl/' },
      to: { path: '^src/server/' },
    },
    {
      name: 'no-circular',
      comment: 'A circle means two files are one thing, or one of them sits on the wrong floor.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'node-only-in-server',
      comment: 'Floors 1 to 8 run in a browser worker; only the HTTP front knows Node.',
      severity: 'error',
      from: { path: folders(FLOORS.slice(0, 9).flat()), pathNot: '^src/(server/|lab/(loader|read-lab)\\.ts)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^(astro|virtual):' },
    },
    { name: 'src-never-imports-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^tests/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
