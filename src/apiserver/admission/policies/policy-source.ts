import type { Etcd } from '../../../etcd/index.ts';
import type { UntypedObject } from '../../../api/object.ts';
import type { AdmissionContext } from '../admission.ts';

const GROUP = 'admissionregistration.k8s.io';

/** A policy with the bindings that put it into effect. */
export interface Hook<P, B, E> {
  readonly policy: P;
  readonly bindings: readonly B[];
  /** What was compiled of the policy. */
  readonly evaluator: E;
}

/** What a kind of policy is kept as, and how its expressions are compiled. */
export interface PolicyKind<P, E> {
  /** Plural names. */
  readonly policies: string;
  readonly bindings: string;
  compile(policy: P): E;
}

/** The policies that are in effect; compiled once, and read anew only when one of them or a binding has changed. */
export class PolicySource<P extends UntypedObject, B extends UntypedObject & { spec: { policyName?: string } }, E> {
  readonly #kind: PolicyKind<P, E>;
  readonly #compiled = new WeakMap<P, E>();
  #hooks: readonly Hook<P, B, E>[] | undefined;

  constructor(etcd: Etcd, kind: PolicyKind<P, E>) {
    this.#kind = kind;
    for (const resource of [kind.policies, kind.bindings])
      etcd.watch({ prefix: `/registry/${resource}/` }, () => (this.#hooks = undefined));
  }

  /** Policies with bindings, by name. */
  hooks(context: AdmissionContext): readonly Hook<P, B, E>[] {
    return (this.#hooks ??= this.#read(context));
  }

  #read(context: AdmissionContext): readonly Hook<P, B, E>[] {
    const policies = context.list(GROUP, this.#kind.policies, undefined) as readonly P[];
    if (policies.length === 0) return [];
    const all = context.list(GROUP, this.#kind.bindings, undefined) as readonly B[];
    return policies.flatMap((policy) => {
      const bindings = all.filter(({ spec }) => spec.policyName === policy.metadata.name);
      return bindings.length === 0 ? [] : [{ policy, bindings, evaluator: this.#evaluator(policy) }];
    });
  }

  #evaluator(policy: P): E {
    let evaluator = this.#compiled.get(policy);
    if (!evaluator) this.#compiled.set(policy, (evaluator = this.#kind.compile(policy)));
    return evaluator;
  }
}
