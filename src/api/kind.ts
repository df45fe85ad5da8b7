import type { KubeObject, UntypedObject } from './object.ts';
import type { CustomKind } from './custom-kind.ts';

/** One field that validation refuses; `type` chooses the words (field.Error in Kubernetes). */
export interface FieldError {
  readonly type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'InternalError';
  readonly field: string;
  /** The complete text of the cause: `Invalid value: "x": must be ...`. */
  readonly detail: string;
}

/** A column of the table that the server prints (metav1.TableColumnDefinition). Priority 0 is always shown, others with `-o wide`. */
export interface Column<T> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  /** The cell. `now` is virtual milliseconds since the Unix epoch, for ages. */
  readonly cell: (object: T, now: number) => string | number | boolean | null;
}

/** Where the scale subresource finds its numbers. */
export interface ScalePaths {
  readonly specReplicasPath: readonly string[];
  readonly statusReplicasPath: readonly string[];
  /** The selector as a string, for status.selector. */
  readonly selector: (object: UntypedObject) => string;
}

/**
 * Everything that Kubernetes knows of one kind in one API version: what discovery says, its schema, what the
 * server fills in, refuses and prints. A kind is also the typed key under which clients ask for its objects.
 * Functions that complete objects get a draft: its top level, metadata, spec and status are its own and may be
 * changed; what lies deeper may be shared with stored objects and is replaced, never changed.
 */
export interface Kind<T extends KubeObject = UntypedObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural name of URLs: `pods`. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  /**
   * What can be asked of it, where that is not everything: reviews are only created, nobody writes a ComponentStatus.
   */
  readonly verbs?: readonly string[];
  /** Key into the schema definitions: `io.k8s.api.core.v1.Pod`. */
  readonly schema: string;
  /** Served by a status subresource; writes to one side leave the other alone. */
  readonly hasStatus?: boolean;
  readonly scale?: ScalePaths;
  /** The server bumps metadata.generation when the spec (everything but metadata and status) changes. */
  readonly hasGeneration?: boolean;
  /** Changed annotations raise the generation as well (Deployments). See nextGeneration. */
  readonly generationIncludesAnnotations?: boolean;
  /** A changed status raises the generation as well: custom resources without a status subresource. */
  readonly generationIncludesStatus?: boolean;
  /** The kind of a list of it; `<kind>List` unless given. */
  readonly listKind?: string;
  /** An update must name the version that it was read at (AllowUnconditionalUpdate is false). */
  readonly conditionalUpdates?: boolean;
  /** What only kinds have that a CustomResourceDefinition defines. */
  readonly custom?: CustomKind;
  /** Fills in defaults, on every decode of a request. */
  readonly defaults?: (draft: T) => void;
  /** Clears or sets what a creator may not choose (status, allocated fields). */
  readonly prepareForCreate?: (draft: T) => void;
  readonly prepareForUpdate?: (draft: T, old: T) => void;
  /** `now` is the server's time as metav1.Time writes it, for status fields that say when something changed. */
  readonly prepareForStatusUpdate?: (draft: T, old: T, now: string) => void;
  readonly validate?: (object: T) => FieldError[];
  readonly validateUpdate?: (object: T, old: T) => FieldError[];
  readonly validateStatusUpdate?: (object: T, old: T) => FieldError[];
  /** Warnings sent with a write that succeeds. */
  readonly warnings?: (object: T, old: T | undefined) => string[];
  /** Said with every request for a deprecated kind: writes have it among their warnings, reads send it alone. */
  readonly deprecation?: string;
  /** Rules for metadata.name; a DNS subdomain unless given. Returns the messages of what is wrong. */
  readonly validateName?: (name: string, generateName: boolean) => string[];
  /** Values for field selectors besides metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;
  readonly columns?: readonly Column<T>[];
  /** How many seconds a delete without a grace period waits, where the kind is deleted gracefully. */
  readonly defaultGracePeriodSeconds?: (object: T) => number;
  /** Phantom: ties the object's type to the kind. */
  readonly objectType?: T;
}

/** `deployments.apps`, `pods`: how error texts and kubectl name a resource. */
export const groupResource = (kind: { group: string; resource: string }): string =>
  kind.group ? `${kind.resource}.${kind.group}` : kind.resource;

/** `apps/v1`, `v1`. */
export const apiVersionOf = (kind: { group: string; version: string }): string =>
  kind.group ? `${kind.group}/${kind.version}` : kind.version;
