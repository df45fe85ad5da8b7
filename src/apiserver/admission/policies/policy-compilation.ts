/** What policies of both sorts have in common: conditions, variables, and for whom they are in effect. */
import { hasVariables, PolicyExpressions, type Sight } from '../../../api/admissionregistration/expressions.ts';
import { BOOL, DYN } from '../../../api/cel/index.ts';
import type { ParamRef } from '../../../api/admissionregistration/matching.ts';
import type { Kind } from '../../../api/kind.ts';
import type { UntypedObject } from '../../../api/object.ts';
import { ApiError } from '../../../api/status.ts';
import type { EndpointTable } from '../../endpoint.ts';
import type { AdmissionContext, AdmissionRequest } from '../admission.ts';
import type { Equivalents } from './equivalents.ts';
import { compile, type Compiled } from './expressions.ts';
import { matchResources, type MatchResources } from './matching.ts';
import { collectParams, ConfigurationError, paramEndpoint, type ParamKind } from './params.ts';
import type { Hook } from './policy-source.ts';

interface Named {
  readonly name: string;
  readonly expression: string;
}

export interface PolicySpec {
  readonly failurePolicy?: string;
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: readonly Named[];
  readonly variables?: readonly Named[];
}

export interface BindingSpec {
  readonly policyName?: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
}

type WithSpec<S> = UntypedObject & { readonly spec: S };

/** What every policy has compiled. */
export interface PolicyBasis {
  readonly conditions: readonly Compiled[];
  readonly variables: ReadonlyMap<string, Compiled>;
}

/** Compiles the conditions and variables of a policy; its further expressions are compiled with `expressions`. */
export function compileBasis(spec: PolicySpec): PolicyBasis & {
  readonly expressions: PolicyExpressions;
  /** What expressions may use, and those of messages may not: the authorizer. */
  readonly sight: Sight;
} {
  const expressions = new PolicyExpressions(hasVariables(spec));
  const sight = { params: spec.paramKind !== undefined, authorizer: true };
  const variables = new Map<string, Compiled>();
  for (const { name, expression } of spec.variables ?? []) {
    const compiled = compile(expressions, expression, sight);
    variables.set(name, compiled);
    expressions.declare(name, compiled.program?.type ?? DYN);
  }
  const conditions = (spec.matchConditions ?? []).map(({ expression }) =>
    compile(expressions, expression, sight, BOOL),
  );
  return { conditions, variables, expressions, sight };
}

/** A policy that is to be evaluated for a request. */
export interface Invocation<P, B, E> {
  readonly policy: P;
  readonly binding: B;
  readonly evaluator: E;
  /** The kind by which the request is matched. */
  readonly kind: Kind;
  readonly params: UntypedObject | null;
}

/** A policy that cannot be evaluated, and why. */
export interface Misconfiguration<P, B> {
  readonly policy: P;
  readonly binding: B | undefined;
  readonly message: string;
}

export interface Resources {
  readonly endpoints: EndpointTable;
  readonly equivalents: Equivalents;
}

/** The policies that are about a request, each with its bindings and parameters. */
export function invocationsOf<P extends WithSpec<PolicySpec>, B extends WithSpec<BindingSpec>, E>(
  hooks: readonly Hook<P, B, E>[],
  request: AdmissionRequest,
  context: AdmissionContext,
  { endpoints, equivalents }: Resources,
): (Invocation<P, B, E> | Misconfiguration<P, B>)[] {
  const found: (Invocation<P, B, E> | Misconfiguration<P, B>)[] = [];
  /** What goes wrong is the fault of the policy or the binding, not of the request. */
  const blaming = (policy: P, binding: B | undefined, body: () => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof ConfigurationError || error instanceof ApiError)) throw error;
      const what = binding ? 'binding' : 'policy';
      found.push({ policy, binding, message: `failed to configure ${what}: ${error.message}` });
    }
  };
  for (const { policy, bindings, evaluator } of hooks)
    blaming(policy, undefined, () => {
      const { matchConstraints, paramKind } = policy.spec;
      const kind = matchResources(matchConstraints, request, context, equivalents);
      if (!kind) return;
      const endpoint = paramKind && paramEndpoint(paramKind, endpoints);
      for (const binding of bindings)
        blaming(policy, binding, () => {
          const { matchResources: match, paramRef } = binding.spec;
          if (!matchResources(match, request, context, equivalents)) return;
          for (const params of collectParams(endpoint, paramRef, request.namespace, context))
            found.push({ policy, binding, evaluator, kind, params });
        });
    });
  return found;
}
