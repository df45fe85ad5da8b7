import type { Etcd } from '../etcd/index.ts';
import type { Span, Trace } from '../kernel/index.ts';
import { objectView } from './object-view.ts';
import type { SpanView } from './protocol.ts';

/** How many effects of a span are shown; a timeline with more lit up says nothing. */
const MAX_EFFECTS = 500;

/** How far around a span its write is looked for. */
const MAX_DISTANCE = 50;

const writes = ({ component, attributes }: Span): boolean =>
  component === 'etcd' && typeof attributes['key'] === 'string';

/** A span with its causes, its effects, and the object that it wrote or that woke it. Null when it is no longer kept. */
export async function spanView(trace: Trace, etcd: Etcd, id: number): Promise<SpanView | null> {
  const span = trace.get(id);
  if (!span) return null;
  const causes = trace.causes(id);
  const effects: Span[] = [];
  const among = new Set([id]);
  for (const later of trace.since(id + 1)) {
    if (!among.has(later.parent)) continue;
    among.add(later.id);
    effects.push(later);
    if (effects.length === MAX_EFFECTS) break;
  }
  const write =
    (writes(span) ? span : undefined) ??
    effects.slice(0, MAX_DISTANCE).find((e) => e.parent === id && writes(e)) ??
    causes.find(writes);
  const view = { span, causes, effects };
  if (!write) return view;
  const { key, revision } = write.attributes;
  if (typeof key !== 'string' || typeof revision !== 'number' || revision > etcd.revision) return view;
  const object = await objectView(etcd, key, revision);
  return { ...view, revision, ...(object ? { object } : {}) };
}
