import type { Kernel } from '../../kernel/index.ts';
import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { forbidden } from '../../api/errors.ts';
import type { ApiError, StatusCause } from '../../api/status.ts';
import type { RequestOptions, UserInfo } from '../request.ts';

/** What an admission plugin is asked about (admission.Attributes). */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: Kind;
  readonly subresource: string | undefined;
  readonly namespace: string;
  /** Empty for a create with generateName. */
  readonly name: string;
  readonly user: UserInfo;
  readonly options: RequestOptions;
  readonly dryRun: boolean;
  /** The object to be written, as a draft that mutating plugins change; absent for deletes. */
  readonly object: UntypedObject | undefined;
  readonly old: UntypedObject | undefined;
  /** What the objects are, where they are not of the resource's kind: a Scale, PodExecOptions. */
  readonly objectKind?: ObjectKind;
  /** Warnings for the answer. */
  readonly warnings: string[];
  /** Set by a mutating plugin that has the others look at its changes. */
  reinvocation?: Reinvocation;
}

/** A type that is no resource: what is sent to a subresource. Options, which come as a query, have no schema. */
export interface ObjectKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema?: string;
}

/** The second round of mutating plugins, when one of them changed what the others had seen (reinvocationPolicy). */
export interface Reinvocation {
  /** Whether this is the second round. */
  underway: boolean;
  /** What plugins keep from the first round, by their names. */
  readonly notes: Map<string, unknown>;
}

/** What plugins may look up. */
export interface AdmissionContext {
  readonly kernel: Kernel;
  /** The current object of a resource, or undefined. */
  get(group: string, resource: string, namespace: string | undefined, name: string): UntypedObject | undefined;
  /** The current objects of a resource, in one namespace or all; none where the resource is not served. */
  list(group: string, resource: string, namespace: string | undefined): readonly UntypedObject[];
  /** Notes something of the request for the audit log. */
  annotate(key: string, value: string): void;
  /** Puts an object in the place of the one it was made from; false when someone was faster. */
  write(group: string, resource: string, object: UntypedObject, old: UntypedObject): boolean;
}

export interface MutatingPlugin {
  /** As in --enable-admission-plugins. */
  readonly name: string;
  /** Whether it looks at what is sent to subresources too, and is of another kind than the resource: a Scale, an Eviction. */
  readonly bodies?: true;
  admit(request: AdmissionRequest, context: AdmissionContext): void;
}

export interface ValidatingPlugin {
  readonly name: string;
  /** Whether it judges what is not written either: connections, Evictions, Bindings. */
  readonly connections?: true;
  validate(request: AdmissionRequest, context: AdmissionContext): void;
}

/** The name that refusals show: a create with generateName is known by its prefix. */
export const admissionName = ({ name, object }: AdmissionRequest): string =>
  name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown';

/** What a plugin throws to refuse (admission.NewForbidden). */
export function refuse(request: AdmissionRequest, message: string, causes?: StatusCause[]): ApiError {
  const error = forbidden(request.kind, admissionName(request), message);
  if (causes) error.status.details = { ...error.status.details, causes };
  return error;
}

function withPlugin<T extends { readonly name: string }>(plugins: readonly T[], plugin: T, before?: string): T[] {
  const at = plugins.findIndex(({ name }) => name === before);
  return plugins.toSpliced(at < 0 ? plugins.length : at, 0, plugin);
}

/** The admission stages of the request path. */
export class AdmissionChain {
  #mutating: readonly MutatingPlugin[];
  #validating: readonly ValidatingPlugin[];
  readonly #context: AdmissionContext;

  constructor(context: AdmissionContext, mutating: readonly MutatingPlugin[], validating: readonly ValidatingPlugin[]) {
    this.#context = context;
    this.#mutating = mutating;
    this.#validating = validating;
  }

  /** Adds a mutating plugin behind the one of this name. */
  insert(plugin: MutatingPlugin, after: string): void {
    const at = this.#mutating.findIndex(({ name }) => name === after) + 1;
    if (at === 0) throw new Error(`there is no admission plugin ${after}`);
    this.#mutating = [...this.#mutating.slice(0, at), plugin, ...this.#mutating.slice(at)];
  }

  /** Lets a plugin change drafts, before another or after all. */
  addMutating(plugin: MutatingPlugin, before?: string): void {
    this.#mutating = withPlugin(this.#mutating, plugin, before);
  }

  /** Lets a plugin judge objects, before another or after all. */
  addValidating(plugin: ValidatingPlugin, before?: string): void {
    this.#validating = withPlugin(this.#validating, plugin, before);
  }

  /** The third stage: plugins complete the draft, in order, and once more when one of them asks for it. */
  mutate(request: AdmissionRequest): void {
    this.#round(request);
    const { reinvocation } = request;
    if (!reinvocation) return;
    reinvocation.underway = true;
    this.#round(request);
  }

  #round(request: AdmissionRequest): void {
    for (const plugin of this.#mutating) if (plugin.bodies || !request.objectKind) plugin.admit(request, this.#context);
  }

  /** Both stages of what is not written: connections (exec, port-forward), Evictions, Bindings. */
  connect(request: AdmissionRequest): void {
    this.mutate(request);
    for (const plugin of this.#validating) if (plugin.connections) plugin.validate(request, this.#context);
  }

  /** The fifth stage: the finished object is looked at once more. */
  validate(request: AdmissionRequest): void {
    for (const plugin of this.#validating) plugin.validate(request, this.#context);
  }
}
