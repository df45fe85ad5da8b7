import type fc from 'fast-check';
import { schemaOf, type Schema } from '../../../src/api/schema/schema.ts';
import type { Kind } from '../../../src/api/kind.ts';
import { apiVersionOf } from '../../../src/api/kind.ts';

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const TIMES = /meta\.v1\.(Time|MicroTime)$/;
const NAMES = ['a', 'web', 'default', 'node-1', 'x.example.com', 'kube-system', 'system:masters'];
const ODD_TEXTS = [
  '',
  ' ',
  '-',
  'A_b',
  '../..',
  'é漢😀',
  '\u0000',
  '$(X)',
  '{{.}}',
  '0',
  'true',
  'x'.repeat(300),
  '[',
  '\\',
];
const TEXTS = [
  ...NAMES,
  'Always',
  'TCP',
  '10.0.0.1',
  '10.0.0.0/8',
  '::1',
  '50%',
  '-1%',
  '1Gi',
  '100m',
  '* * * * *',
  'Europe/Berlin',
  'object.spec == 1',
  'self',
  'nginx:1.27',
  '/data',
  'a/b',
  'example.com/x',
];
const NUMBERS = [0, 1, 2, 80, 443, 65535, 65536, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, 1e18, 0.5];
const QUANTITIES: readonly unknown[] = [
  '1',
  '100m',
  '1Gi',
  '0',
  '-1',
  '1e3',
  '1.5',
  'x',
  '',
  3,
  '1e400',
  '9223372036854775808',
];
const WRONG: readonly unknown[] = [null, 0, 'text', true, [], {}, [null], { a: null }, -1.5];

/** How many out of a hundred values are of no type that the schema knows. */
const WRONG_PERCENT = 2;
const DEEPEST = 8;

export type Gen = fc.GeneratorValue;

/** Makes manifests by the schema of a kind: some sound, most with something odd in them. */
export class Manifests {
  readonly #gen: Gen;
  readonly #fc: typeof fc;

  constructor(library: typeof fc, gen: Gen) {
    this.#fc = library;
    this.#gen = gen;
  }

  number(min: number, max: number): number {
    return this.#gen(this.#fc.integer, { min, max });
  }

  chance(percent: number): boolean {
    return this.number(0, 99) < percent;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.number(0, from.length - 1)]!;
  }

  manifest(kind: Kind, name: string, namespace: string): Record<string, unknown> {
    const body = this.value(schemaOf(kind.schema), 0) as Record<string, unknown>;
    const object = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
    const metadata = {
      ...(this.chance(30) ? (object['metadata'] as object | undefined) : {}),
      name,
      ...(kind.namespaced ? { namespace } : {}),
    };
    return { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
  }

  value(schema: Schema, depth: number): unknown {
    if (this.chance(WRONG_PERCENT)) return this.pick(WRONG);
    if (schema.$ref) {
      if (schema.$ref === QUANTITY) return this.pick(QUANTITIES);
      if (TIMES.test(schema.$ref)) return this.pick(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5Z', 'x', '']);
      return this.value(schemaOf(schema.$ref), depth);
    }
    if (schema.enum && this.chance(90)) return this.pick(schema.enum);
    switch (schema.type) {
      case 'boolean':
        return this.chance(50);
      case 'integer':
      case 'number':
        return this.pick(NUMBERS);
      case 'array':
        if (depth > DEEPEST) return [];
        return Array.from({ length: this.number(0, 2) }, () => this.value(schema.items ?? {}, depth + 1));
      case 'object':
        return this.#object(schema, depth);
      case 'string':
        return this.pick(this.chance(15) ? ODD_TEXTS : TEXTS);
      default:
        return this.pick([...WRONG, ...TEXTS, ...NUMBERS]);
    }
  }

  #object({ properties = {}, additionalProperties, required = [] }: Schema, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    // The deeper, the fewer: real manifests are wide at the top too.
    const likely = depth > DEEPEST ? 0 : Math.max(12, 60 - depth * 12);
    for (const [name, schema] of Object.entries(properties)) {
      if (name === 'metadata' && depth === 0 && this.chance(60)) continue;
      if (this.chance(required.includes(name) ? 95 : likely)) out[name] = this.value(schema, depth + 1);
    }
    if (additionalProperties)
      for (let n = this.number(0, 2); n > 0; n--)
        out[this.pick(this.chance(20) ? ODD_TEXTS : TEXTS)] = this.value(additionalProperties, depth + 1);
    if (this.chance(2)) out[this.pick(ODD_TEXTS)] = this.pick(WRONG);
    return out;
  }

  /** A JSON value with something changed, left out or put in somewhere. */
  mutated(value: unknown): unknown {
    if (Array.isArray(value)) {
      if (value.length === 0 || this.chance(10)) return this.pick(WRONG);
      const at = this.number(0, value.length - 1);
      if (this.chance(15)) return [...(value as unknown[]), value[at] as unknown];
      return (value as unknown[]).map((item, i) => (i === at ? this.mutated(item) : item));
    }
    if (typeof value !== 'object' || value === null) return this.pick(this.chance(50) ? TEXTS : [...WRONG, ...NUMBERS]);
    const keys = Object.keys(value);
    if (keys.length === 0 || this.chance(5)) return this.pick(WRONG);
    const key = this.pick(keys);
    const rest = { ...(value as Record<string, unknown>) };
    if (this.chance(10)) delete rest[key];
    else rest[this.chance(5) ? this.pick(ODD_TEXTS) : key] = this.mutated(rest[key]);
    return rest;
  }
}
