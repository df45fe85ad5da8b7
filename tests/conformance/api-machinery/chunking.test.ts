import { describe, expect, test } from 'vitest';
import type { KubeList } from '../../../src/api/object.ts';
import type { PodTemplate } from '../../../src/api/types.ts';
import { refusal, Refusal } from '../client.ts';
import { podTemplates } from '../kinds.ts';
import { namespace, template } from '../scene.ts';

const TOTAL = 400;
const PAGE = 150;

async function fill(): Promise<string> {
  const ns = await namespace();
  for (let n = 0; n < TOTAL; n += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        podTemplates(ns).create({
          metadata: { name: `template-${String(n + i).padStart(4, '0')}` },
          template: template({}, { name: 'test', image: 'test2' }),
        }),
      ),
    );
  return ns;
}

const names = ({ items }: KubeList<PodTemplate>): string[] => items.map(({ metadata }) => metadata.name);

const expected = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `template-${String(from + i).padStart(4, '0')}`);

describe('[sig-api-machinery] Servers with support for API chunking', () => {
  test('API Chunking, server should return chunks of results for list calls', async () => {
    const ns = await fill();
    let found = 0;
    let first = '';
    let token: string | undefined;
    do {
      const page = await podTemplates(ns).list({ limit: PAGE, continue: token });
      first ||= page.metadata.resourceVersion;
      expect(page.metadata.resourceVersion).toBe(first);
      expect(names(page)).toEqual(expected(found, Math.min(found + PAGE, TOTAL)));
      found += page.items.length;
      expect(page.metadata.remainingItemCount).toBe(found === TOTAL ? undefined : TOTAL - found);
      token = page.metadata.continue;
    } while (token);
    expect(found).toBe(TOTAL);
    expect(names(await podTemplates(ns).list())).toHaveLength(TOTAL);
  });

  // Compaction comes every five minutes of the cluster's time, and keeps as much.
  test('API Chunking, server should support continue listing from the last key even if the original version has been compacted away', async () => {
    const ns = await fill();
    const first = await podTemplates(ns).list({ limit: PAGE });
    const token = first.metadata.continue;
    let inconsistent: string | undefined;
    while (!inconsistent) {
      const answer = await podTemplates(ns)
        .list({ limit: PAGE, continue: token })
        .catch((error: unknown) => error);
      if (answer instanceof Refusal) {
        expect(answer).toMatchObject({ code: 410, reason: 'Expired' });
        ({ continue: inconsistent } = answer.metadata);
        expect(inconsistent).toBeTruthy();
      } else await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const second = await podTemplates(ns).list({ limit: PAGE, continue: inconsistent });
    expect(names(second)).toEqual(expected(PAGE, 2 * PAGE));
    expect(second.metadata.remainingItemCount).toBe(TOTAL - 2 * PAGE);
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    const third = await podTemplates(ns).list({ limit: PAGE, continue: second.metadata.continue });
    expect(names(third)).toEqual(expected(2 * PAGE, TOTAL));
    expect(third.metadata).toMatchObject({ resourceVersion: second.metadata.resourceVersion });
    expect(third.metadata.continue ?? '').toBe('');
    expect((await refusal(podTemplates(ns).list({ continue: 'nonsense' }))).code).toBe(400);
  });
});
