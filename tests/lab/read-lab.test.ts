import { expect, test } from 'vitest';
import { parseLab } from '../../src/lab/read-lab.ts';

const good = `title: { en: A lab, zh-cn: 一个实验 }
cluster:
  nodes: 3
  seed: 1
files: [web.yaml]
steps:
  - id: one
    title: { en: One, zh-cn: 一 }
    text: { en: Do it, zh-cn: 做 }
    checks:
      - id: ready
        text: { en: It is ready, zh-cn: 就绪 }
        on: { kind: Deployment, name: web }
        cel: object.status.readyReplicas == 3
    solve: [kubectl apply -f web.yaml]
`;

const mistake = (from: string, to: string): string => {
  try {
    parseLab(good.replace(from, to), 'labs/x/lab.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  return 'no mistake';
};

test('a lab without mistakes is read, with defaults', () => {
  expect(parseLab(good, 'lab.yaml')).toMatchObject({ cluster: { nodes: 3, seed: 1, speed: 1 }, start: [] });
});

test('a mistake is named with file, line, column and field', () => {
  expect(mistake('nodes: 3', 'nodes: three')).toBe(
    'labs/x/lab.yaml:3:3: cluster.nodes: Invalid input: expected number, received string',
  );
  expect(mistake('nodes: 3', 'nodez: 3')).toMatch(/^labs\/x\/lab\.yaml:2:1: cluster\.nodes: /);
  expect(mistake('    title: { en: One, zh-cn: 一 }', '    title: { en: One }')).toBe(
    'labs/x/lab.yaml:8:5: steps[0].title.zh-cn: Invalid input: expected string, received undefined',
  );
  expect(mistake('seed: 1', 'seed: 1\n  sead: 2')).toBe('labs/x/lab.yaml:5:3: cluster.sead: Unrecognized key: "sead"');
  expect(mistake('on: { kind: Deployment, name: web }', 'hint: x')).toMatch(
    /steps\[0\]\.checks\[0\]\.hint: Unrecognized key/,
  );
  expect(mistake('cluster:', 'cluster: [')).toMatch(/^labs\/x\/lab\.yaml:\d+:\d+: /);
});

test('an expression that is not CEL is a mistake of the lab', () => {
  expect(mistake('object.status.readyReplicas == 3', 'object.status.readyReplicas = 3')).toMatch(
    /^labs\/x\/lab\.yaml:14:9: steps\[0\]\.checks\[0\]\.cel: not a CEL expression: /,
  );
  expect(mistake('object.status.readyReplicas == 3', 'objekt == 3')).toContain("undeclared reference to 'objekt'");
  expect(mistake('object.status.readyReplicas == 3', '"\'text\'"')).toContain('gives string, not true or false');
});
