import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFragment, toFragment } from '../../src/components/lab/share-link.ts';

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 5
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: nginx:1.27
          ports:
            - containerPort: 80
`;

test('what goes into a link comes out of it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { minLength: 1, maxLength: 4 }), (texts) => {
      const files = texts.map((text, i) => ({ path: `${i}.yaml`, text }));
      const paths = files.map(({ path }) => path);
      const fragment = toFragment('some-lab', files);
      expect(fromFragment(fragment!, 'some-lab', paths)).toEqual(files);
    }),
  );
});

test('a manifest makes a short link', () => {
  expect(toFragment('create-deployment', [{ path: 'web.yaml', text: MANIFEST }])!.length).toBeLessThan(160);
});

test('links of other labs, broken links and files that the lab does not have are not taken', () => {
  const link = toFragment('one', [{ path: 'web.yaml', text: MANIFEST }])!;
  expect(fromFragment('', 'one', ['web.yaml'])).toBeUndefined();
  expect(fromFragment('#a-heading', 'one', ['web.yaml'])).toBeUndefined();
  expect(fromFragment(link, 'two', ['web.yaml'])).toBeUndefined();
  expect(fromFragment(link, 'one', ['other.yaml'])).toBeNull();
  expect(fromFragment(`${link.slice(0, -8)}!!`, 'one', ['web.yaml'])).toBeNull();
  expect(fromFragment(`#lab=one.${'A'.repeat(20_000)}`, 'one', ['web.yaml'])).toBeNull();
  fc.assert(
    fc.property(fc.string(), (noise) => {
      expect(fromFragment(`#lab=one.${noise}`, 'one', ['web.yaml']) ?? null).toBeNull();
    }),
  );
});

test('manifests that are too long for a link make none', () => {
  const random = fc.sample(fc.string({ minLength: 30_000, maxLength: 30_000 }), 1)[0]!;
  expect(toFragment('one', [{ path: 'web.yaml', text: random }])).toBeUndefined();
});
