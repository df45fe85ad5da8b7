import { expect, test } from 'vitest';
import type { UntypedObject } from '../../../src/api/object.ts';
import { CrdRig, GROUP, kites, version } from './crd-rig.ts';

interface Review {
  apiVersion: string;
  request: { uid: string; desiredAPIVersion: string; objects: UntypedObject[] };
}

/** A rig whose Kites are converted between `color` (v1beta1) and `colour` (v1) by a webhook. */
function rig(): CrdRig & { asked: Review[]; broken: boolean } {
  const made = Object.assign(new CrdRig(), { asked: [] as Review[], broken: false });
  made.create('services', { metadata: { name: 'hook' }, spec: { ports: [{ port: 443, targetPort: 8443 }] } });
  made.ask({
    verb: 'create',
    group: 'discovery.k8s.io',
    version: 'v1',
    resource: 'endpointslices',
    body: {
      metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'] }],
      ports: [{ name: '', port: 8443 }],
    },
  });
  made.server.dialer = {
    post: (_to, _path, _headers, body) => {
      if (made.broken) return { fault: 'refused' };
      const review = JSON.parse(body) as Review;
      made.asked.push(review);
      const { uid, desiredAPIVersion, objects } = review.request;
      const [from, to] = desiredAPIVersion.endsWith('v1') ? ['color', 'colour'] : ['colour', 'color'];
      const convertedObjects = objects.map((object) => ({
        ...object,
        apiVersion: desiredAPIVersion,
        spec: { [to]: (object['spec'] as Record<string, unknown>)[from] },
      }));
      const response = { uid, result: { status: 'Success' }, convertedObjects };
      return {
        status: 200,
        body: JSON.stringify({ apiVersion: review.apiVersion, kind: 'ConversionReview', response }),
      };
    },
  };
  const field = (name: string): object => ({ properties: { [name]: { type: 'string' } } });
  made.define(
    kites([version(field('color'), { name: 'v1beta1', storage: false }), version(field('colour'))], {
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: { service: { namespace: 'default', name: 'hook', path: '/convert' } },
        },
      },
    }),
  );
  return made;
}

test('a webhook converts what is written and what is read', () => {
  const made = rig();
  made.createKite('red', { color: 'red' }, { version: 'v1beta1' });
  expect(made.kite('get', { name: 'red' })['spec']).toEqual({ colour: 'red' });
  expect(made.kite('get', { name: 'red', version: 'v1beta1' })['spec']).toEqual({ color: 'red' });
  expect(made.asked[0]!.request.desiredAPIVersion).toBe(`${GROUP}/v1`);
});

test('a webhook that is not there makes only the other version unreadable', () => {
  const made = rig();
  made.createKite('red', { colour: 'red' });
  const watch = made.watch('kites', {}, { group: GROUP, version: 'v1beta1' });
  made.broken = true;
  expect(() => made.kite('get', { name: 'red', version: 'v1beta1' })).toThrow(
    /^conversion webhook for shop.example.com\/v1, Kind=Kite failed: Post "https:\/\/hook.default.svc:443\/convert\?timeout=30s": dial tcp .*: connect: connection refused$/,
  );
  made.createKite('blue', { colour: 'blue' });
  expect(made.kite('get', { name: 'blue' })['spec']).toEqual({ colour: 'blue' });
  made.kernel.runFor(100);
  expect(watch.closed).toBe(true);
});
