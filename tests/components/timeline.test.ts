import { describe, expect, test } from 'vitest';
import { causalChain, COLUMN, timelinePicture, visibleSpans } from '../../src/components/lab/projection/timeline.ts';
import type { ShownSpan } from '../../src/lab/protocol.ts';

const span = (id: number, parent: number, component: string, name: string, start = id, attributes = {}): ShownSpan => ({
  id,
  parent,
  component,
  name,
  start,
  end: start,
  attributes,
});

const trace = (...spans: ShownSpan[]) => new Map(spans.map((each) => [each.id, each]));
const request = (id: number, parent: number, verb: string, resource: string, userAgent = 'kubectl') =>
  span(id, parent, 'kube-apiserver', `${verb} ${resource}`, id, { verb, resource, userAgent });

describe('what the timeline tells', () => {
  const spans = trace(
    request(1, 0, 'create', 'namespaces'),
    span(2, 0, 'kubectl', 'kubectl apply -f web.yaml'),
    request(3, 2, 'create', 'deployments'),
    span(4, 3, 'etcd', 'put /registry/deployments/default/web'),
    request(5, 3, 'create', 'events'),
    span(6, 5, 'etcd', 'put /registry/events/default/web.1'),
    request(7, 0, 'patch', 'nodes', 'kubelet/node-1'),
    span(8, 7, 'ttl-controller', 'reconcile node-1'),
    span(9, 4, 'kubelet/node-1', 'readiness probe web-1/nginx'),
    span(10, 9, 'network', 'GET http://10.244.0.2/'),
    span(11, 10, 'kubelet/node-1', 'readiness probe web-1/nginx'),
    span(12, 11, 'network', 'GET http://10.244.0.2/'),
    request(13, 12, 'patch', 'pods', 'kubelet/node-1'),
    span(14, 0, 'kubectl', 'kubectl get pods'),
  );

  test('what a command led to, without start-up, heartbeats, Events and probes that changed nothing', () => {
    expect(visibleSpans(spans, Infinity, false).map(({ id }) => id)).toEqual([2, 3, 4, 11, 12, 13, 14]);
  });

  test('everything, when asked', () => {
    expect(visibleSpans(spans, Infinity, true)).toHaveLength(spans.size);
  });

  test('a write that a heartbeat led to is shown with its causes', () => {
    const more = trace(
      ...spans.values(),
      span(15, 8, 'kube-scheduler', 'schedule default/web-1'),
      request(16, 15, 'create', 'pods'),
    );
    expect(visibleSpans(more, Infinity, false).map(({ id }) => id)).toEqual([2, 3, 4, 7, 8, 11, 12, 13, 14, 15, 16]);
  });

  test('nothing that had not happened yet', () => {
    expect(visibleSpans(spans, 4, false).map(({ id }) => id)).toEqual([2, 3, 4]);
  });
});

describe('the picture', () => {
  test('causes stand before their effects, lanes go from the command down to the machine', () => {
    const { lanes, bars } = timelinePicture([
      span(1, 0, 'kubectl', 'kubectl apply', 0),
      span(2, 1, 'kube-apiserver', 'create pods', 0),
      span(3, 2, 'etcd', 'put', 0),
      span(4, 3, 'kubelet/node-10', 'sync', 0),
      span(5, 3, 'kubelet/node-2', 'sync', 0),
      span(6, 3, 'kube-scheduler', 'schedule', 5000),
      span(7, 3, 'root-ca-cert-publisher', 'reconcile', 5000),
    ]);
    expect(lanes).toEqual([
      'kubectl',
      'kube-apiserver',
      'etcd',
      'root-ca-cert-publisher',
      'kube-scheduler',
      'kubelet/node-2',
      'kubelet/node-10',
    ]);
    expect(bars.map(({ x }) => x).slice(0, 5)).toEqual([0, COLUMN, 2 * COLUMN, 3 * COLUMN, 4 * COLUMN]);
    // Five seconds widen the gap, but do not take the picture over.
    expect(bars[5]!.x - bars[4]!.x).toBeGreaterThan(2 * COLUMN);
    expect(bars[5]!.x - bars[4]!.x).toBeLessThan(8 * COLUMN);
  });

  test('a chain holds the causes and the effects of a span, and nothing of its sisters', () => {
    const spans = trace(
      span(1, 0, 'a', ''),
      span(2, 1, 'b', ''),
      span(3, 2, 'c', ''),
      span(4, 1, 'd', ''),
      span(5, 3, 'e', ''),
    );
    expect([...causalChain(spans, 3)].sort()).toEqual([1, 2, 3, 5]);
  });
});
