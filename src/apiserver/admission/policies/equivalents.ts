import type { Kind } from '../../../api/kind.ts';
import type { UntypedObject } from '../../../api/object.ts';
import type { Endpoint, EndpointTable } from '../../endpoint.ts';
import { SCALE } from '../../../api/schema/decode.ts';
import { scaleOf } from '../../subresources/scale.ts';
import type { AdmissionRequest } from '../admission.ts';

/** The versions of resources that are the same objects (matchPolicy: Equivalent). */
export class Equivalents {
  readonly #endpoints: EndpointTable;
  #known = new Map<Kind, readonly Kind[]>();
  #generation = -1;

  constructor(endpoints: EndpointTable) {
    this.#endpoints = endpoints;
  }

  /** The other versions of a kind. */
  of(kind: Kind): readonly Kind[] {
    if (this.#generation !== this.#endpoints.generation) {
      this.#known = new Map();
      this.#generation = this.#endpoints.generation;
    }
    let others = this.#known.get(kind);
    if (!others) this.#known.set(kind, (others = this.#others(kind)));
    return others;
  }

  #others(kind: Kind): readonly Kind[] {
    const own = this.#endpoint(kind);
    if (!own) return [];
    return [...this.#endpoints]
      .filter((endpoint) => endpoint.store === own.store && endpoint.kind !== kind)
      .map((endpoint) => endpoint.kind);
  }

  #endpoint({ group, version, resource }: Kind): Endpoint | undefined {
    return this.#endpoints.find(group, version, resource);
  }

  /** A request as of the kind by which it is matched; one for a scale is about Scales. */
  versioned(request: AdmissionRequest, matched: Kind): AdmissionRequest {
    const { kind, object, old, subresource } = request;
    const { scale } = kind;
    if (request.objectKind) return request;
    if (subresource === 'scale' && scale)
      return {
        ...request,
        objectKind: SCALE,
        object: object && (scaleOf(object, scale) as UntypedObject),
        old: old && (scaleOf(old, scale) as UntypedObject),
      };
    if (kind === matched) return request;
    return {
      ...request,
      object: object && this.convert(object, kind, matched),
      old: old && this.convert(old, kind, matched),
    };
  }

  /** An object of one version in another. */
  convert(object: UntypedObject, from: Kind, to: Kind): UntypedObject {
    if (from === to) return object;
    const stored = this.#endpoint(from)?.conversion?.toStored(object) ?? object;
    return this.#endpoint(to)?.conversion?.fromStored(stored) ?? stored;
  }
}
