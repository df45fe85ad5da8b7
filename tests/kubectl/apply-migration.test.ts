import { expect, test } from 'vitest';
import { KubectlRig } from './rig.ts';

const configMap = (data: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: ${data}
`;

test('server-side apply takes over what kubectl applied from its own side', async () => {
  const rig = new KubectlRig();
  rig.files.set('both.yaml', configMap('{a: "1", b: "2"}'));
  rig.files.set('one.yaml', configMap('{a: "1"}'));
  await rig.run('apply -f both.yaml');
  expect(await rig.run('apply --server-side -f one.yaml')).toMatchObject({
    code: 0,
    stdout: 'configmap/settings serverside-applied\n',
    stderr: '',
  });
  const { stdout } = await rig.run('get cm settings -o yaml --show-managed-fields');
  expect(stdout.match(/^ +(manager|operation): .*$/gm)?.map((line) => line.trim())).toEqual([
    'manager: kubectl-last-applied',
    'operation: Apply',
    'manager: kubectl',
    'operation: Apply',
  ]);
  expect(stdout).toMatch(/^data:\n {2}a: "1"\nkind:/m);
  expect(stdout).toContain('"data":{"a":"1"}');
});
