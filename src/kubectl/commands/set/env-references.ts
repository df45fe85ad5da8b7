import { parseQuantity } from '../../../api/quantity.ts';
import { build } from '../../builder.ts';
import type { Session } from '../../session.ts';
import { at, record, text, type Obj } from '../../value.ts';

/** What `kubectl set env --list` says of where a value comes from. */
export const referenceText = (source: unknown): string => {
  for (const [field, kind] of [
    ['configMapKeyRef', 'configmap'],
    ['secretKeyRef', 'secret'],
  ] as const) {
    const ref = at(source, field);
    if (ref) return `${kind} ${text(ref, 'name')}, key ${text(ref, 'key')}`;
  }
  if (at(source, 'fieldRef')) return `field path ${text(source, 'fieldRef', 'fieldPath')}`;
  const resource = at(source, 'resourceFieldRef');
  if (!resource) return 'invalid valueFrom';
  const container = text(resource, 'containerName');
  return `resource field ${container ? `${container}/` : ''}${text(resource, 'resource')}`;
};

/** Reads what the references of a container's variables stand for. */
export class ReferenceReader {
  readonly #session: Session;
  readonly #object: Obj;
  readonly #container: Obj;
  readonly #known = new Map<string, Obj>();

  constructor(session: Session, object: Obj, container: Obj) {
    this.#session = session;
    this.#object = object;
    this.#container = container;
  }

  /** The value; throws an Error that says why there is none. */
  read(source: unknown): string {
    for (const [field, type] of [
      ['configMapKeyRef', 'configmaps'],
      ['secretKeyRef', 'secrets'],
    ] as const) {
      const ref = at(source, field);
      if (ref) return this.#key(type, text(ref, 'name'), text(ref, 'key'));
    }
    if (at(source, 'fieldRef')) return this.#field(text(source, 'fieldRef', 'fieldPath'));
    if (at(source, 'resourceFieldRef')) return this.#resource(at(source, 'resourceFieldRef'));
    throw new Error('invalid valueFrom');
  }

  #key(type: 'configmaps' | 'secrets', name: string, key: string): string {
    const id = `${type}/${name}`;
    let object = this.#known.get(id);
    if (!object) {
      const { infos, errors } = build(this.#session, { args: [id] });
      if (errors.length > 0) throw errors[0]!;
      this.#known.set(id, (object = infos[0]!.object));
    }
    const value = record(object, 'data')[key];
    if (value === undefined) {
      const kind = type === 'secrets' ? 'secret' : 'config map';
      throw new Error(`key ${key} not found in ${kind} ${name}`);
    }
    if (type === 'configmaps') return value;
    return new TextDecoder().decode(Uint8Array.from(atob(value), (c) => c.charCodeAt(0)));
  }

  #field(path: string): string {
    const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
    if (subscript) return record(this.#object, 'metadata', subscript[1]!)[subscript[2]!] ?? '';
    const whole = /^metadata\.(labels|annotations)$/.exec(path);
    if (whole)
      return Object.entries(record(this.#object, 'metadata', whole[1]!))
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .sort()
        .join('\n');
    if (/^metadata\.(name|namespace|uid)$/.test(path)) return text(this.#object, ...path.split('.'));
    throw new Error(`unsupported fieldPath: ${path}`);
  }

  #resource(ref: unknown): string {
    const [kind = '', ...name] = text(ref, 'resource').split('.');
    const amount = text(this.#container, 'resources', kind, name.join('.'));
    const unit = parseQuantity(text(ref, 'divisor') || '1').asNumber() || 1;
    return String(Math.ceil(parseQuantity(amount || '0').asNumber() / unit));
  }
}
