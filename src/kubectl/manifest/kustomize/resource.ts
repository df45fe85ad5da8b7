import { text, withAt, type Obj } from '../../value.ts';

/** An object on its way through kustomizations. */
export interface Resource {
  readonly object: Obj;
  /** The names that it has had: patches and references may still use them. */
  readonly names: readonly string[];
  /** A generated object whose name will end in a hash of its content. */
  readonly hashed: boolean;
}

export const kindOf = ({ object }: Resource): string => text(object, 'kind');
export const nameOf = ({ object }: Resource): string => text(object, 'metadata', 'name');

export const newResource = (object: Obj, hashed = false): Resource => ({
  object,
  names: [text(object, 'metadata', 'name')],
  hashed,
});

export const renamed = (resource: Resource, name: string): Resource => ({
  ...resource,
  object: withAt(resource.object, ['metadata', 'name'], name),
  names: [...new Set([...resource.names, name])],
});
