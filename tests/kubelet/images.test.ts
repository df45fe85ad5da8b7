import { describe, expect, test } from 'vitest';
import { parseImage, canonicalImage, ImageNameError } from '../../src/kubelet/image-reference.ts';
import { ImageRegistry, RuntimeError } from '../../src/kubelet/index.ts';
import { IMAGES } from '../../src/kubelet/runtime/images/index.ts';
import { imagesBench } from './harness.ts';

describe('image names', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['curlimages/curl', 'docker.io/curlimages/curl:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['localhost:5000/a/b:c', 'localhost:5000/a/b:c'],
  ])('%s is %s', (image, canonical) => {
    expect(canonicalImage(image)).toBe(canonical);
  });

  test.each([
    ['Bad:IMAGE:x', 'invalid reference format: repository name (library/Bad) must be lowercase'],
    ['nginx:', 'invalid reference format'],
    ['a b', 'invalid reference format'],
  ])('%s is refused', (image, message) => {
    expect(() => parseImage(image)).toThrow(new ImageNameError(message));
  });
});

describe('the registries', () => {
  const registry = new ImageRegistry(() => IMAGES);

  test('a tag that is not there is not found', () => {
    const name = 'docker.io/library/nginx:nosuchtag';
    expect(() => registry.resolve('nginx:nosuchtag')).toThrow(
      new RuntimeError(
        `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`,
        'NotFound',
      ),
    );
  });

  test.each([
    'nginx',
    'nginx:1.25',
    'nginx:1.29-alpine',
    'nginx:stable',
    'httpd:2.4',
    'busybox:1.36',
    'curlimages/curl:8.10.1',
    'hashicorp/http-echo',
    'registry.k8s.io/e2e-test-images/agnhost:2.63.0',
  ])('%s exists', (image) => {
    expect(registry.resolve(image).info.id).toMatch(/@sha256:[0-9a-f]{64}$/);
  });
});

describe('pulling', () => {
  test('an image takes time, its events say how long, and the node lists it', () => {
    const b = imagesBench();
    b.create('web', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
    b.kernel.runUntilSettled(120_000);
    expect(b.pod('web').status?.phase).toBe('Running');
    const [pulling, pulled] = b.events('web');
    expect(pulling).toMatchObject({ reason: 'Pulling', message: 'Pulling image "nginx:1.27"' });
    expect(pulled?.message).toMatch(
      /^Successfully pulled image "nginx:1\.27" in \d+\.\d+s \(\d+\.\d+s including waiting\)\. Image size: \d+ bytes\.$/,
    );
  });

  test('a missing tag goes from ErrImagePull to ImagePullBackOff', () => {
    const b = imagesBench();
    b.create('web', { containers: [{ name: 'c', image: 'nginx:nosuchtag' }] });
    b.kernel.runFor(8000);
    const waiting = b.pod('web').status!.containerStatuses![0]!.state!.waiting!;
    expect(['ErrImagePull', 'ImagePullBackOff']).toContain(waiting.reason);
    b.kernel.runFor(60_000);
    const seen = b.events('web').map(({ reason, message }) => `${reason}: ${message}`);
    expect(seen).toContain('Pulling: Pulling image "nginx:nosuchtag"');
    expect(seen).toContain(
      'Failed: Failed to pull image "nginx:nosuchtag": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:nosuchtag": failed to resolve reference "docker.io/library/nginx:nosuchtag": docker.io/library/nginx:nosuchtag: not found',
    );
    expect(seen).toContain('Failed: Error: ErrImagePull');
    expect(seen).toContain('BackOff: Back-off pulling image "nginx:nosuchtag"');
    expect(seen).toContain('Failed: Error: ImagePullBackOff');
  });

  test('a command that is not in the image cannot start', () => {
    const b = imagesBench(['busybox:1.36']);
    b.create('bad', { containers: [{ name: 'c', image: 'busybox:1.36', command: ['nosuch'] }] });
    b.kernel.runFor(5000);
    const status = b.pod('bad').status!.containerStatuses![0]!;
    expect(JSON.stringify(status)).toContain('exec: \\"nosuch\\": executable file not found in $PATH');
    expect(
      b
        .events('bad')
        .some(
          ({ reason, message }) =>
            reason === 'Failed' && message?.startsWith('Error: failed to create containerd task'),
        ),
    ).toBe(true);
  });
});
