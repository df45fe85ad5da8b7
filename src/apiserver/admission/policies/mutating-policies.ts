import { JSON_PATCH_TYPE, OBJECT_TYPE } from '../../../api/admissionregistration/patch-types.ts';
import { Failure, listType, type Activation } from '../../../api/cel/index.ts';
import { equal } from '../../../api/draft.ts';
import type { UntypedObject } from '../../../api/object.ts';
import type { StatusReason } from '../../../api/status.ts';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../api/types.ts';
import type { ApiServer } from '../../server.ts';
import { refuse, type AdmissionContext, type AdmissionRequest, type MutatingPlugin } from '../admission.ts';
import { activationOf } from './activation.ts';
import { replaceDraft } from './drafts.ts';
import { Equivalents } from './equivalents.ts';
import {
  Budget,
  compile,
  ConditionError,
  conditionsHold,
  evaluate,
  OutOfBudget,
  POLICY_BUDGET,
  PolicyVariables,
  type Compiled,
} from './expressions.ts';
import { isExempt, isFixed } from './matching.ts';
import { applyConfiguration, applyOperations, MutationError } from './patches.ts';
import {
  compileBasis,
  invocationsOf,
  type Invocation,
  type PolicyBasis,
  type PolicySpec,
} from './policy-compilation.ts';
import { PolicySource } from './policy-source.ts';
import { Reinvocations } from './reinvocation.ts';

type Policy = MutatingAdmissionPolicy & UntypedObject;
type Binding = MutatingAdmissionPolicyBinding & UntypedObject & { spec: object };

interface Mutation {
  readonly expression: Compiled;
  readonly apply: typeof applyOperations;
}

interface Evaluator extends PolicyBasis {
  readonly mutations: readonly Mutation[];
}

function compilePolicy({ spec }: Policy): Evaluator {
  const { conditions, variables, expressions, sight } = compileBasis(spec as PolicySpec);
  const patching = { ...sight, patches: true };
  const mutations = (spec.mutations ?? []).map(({ patchType, applyConfiguration: configuration, jsonPatch }) =>
    patchType === 'JSONPatch'
      ? {
          expression: compile(expressions, jsonPatch?.expression ?? '', patching, listType(JSON_PATCH_TYPE)),
          apply: applyOperations,
        }
      : {
          expression: compile(expressions, configuration?.expression ?? '', patching, OBJECT_TYPE),
          apply: applyConfiguration,
        },
  );
  return { conditions, variables, mutations };
}

type Invoked = Invocation<Policy, Binding, Evaluator>;

interface Problem {
  readonly policy: Policy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason: StatusReason;
}

const NAME = 'MutatingAdmissionPolicy';

const keyOf = ({ policy, binding, params }: Invoked): string =>
  [policy, binding, params].map((one) => `${one?.metadata.namespace ?? ''}/${one?.metadata.name ?? ''}`).join('\n');

/**
 * MutatingAdmissionPolicies (KEP-3962): what their expressions say is merged or patched into the draft, policy after
 * policy. Those that want it see once more what came of it.
 */
class MutatingPolicies implements MutatingPlugin {
  readonly name = NAME;
  readonly bodies = true;
  readonly #server: ApiServer;
  readonly #source: PolicySource<Policy, Binding, Evaluator>;
  readonly #equivalents: Equivalents;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#equivalents = new Equivalents(server.endpoints);
    this.#source = new PolicySource<Policy, Binding, Evaluator>(server.etcd, {
      policies: 'mutatingadmissionpolicies',
      bindings: 'mutatingadmissionpolicybindings',
      compile: compilePolicy,
    });
  }

  admit(request: AdmissionRequest, context: AdmissionContext): void {
    const hooks = this.#source.hooks(context);
    if (hooks.length === 0 || isExempt(request) || isFixed(request)) return;
    const again = request.reinvocation?.underway ?? false;
    const notes = Reinvocations.of(request, NAME) ?? new Reinvocations();
    if (again) notes.begin(request.object);
    const resources = { endpoints: this.#server.endpoints, equivalents: this.#equivalents };
    const problems: Problem[] = [];
    for (const found of invocationsOf(hooks, request, context, resources)) {
      if ('evaluator' in found) this.#invoke(found, request, context, again ? notes : undefined, notes, problems);
      else problems.push({ ...found, reason: 'Forbidden' });
    }
    notes.end(request.object);
    const fatal = problems.filter(({ policy }) => policy.spec.failurePolicy !== 'Ignore');
    if (fatal.length > 0) throw refusal(request, fatal);
  }

  /** Lets a policy change the draft; in the second round only if it is due. */
  #invoke(
    invocation: Invoked,
    request: AdmissionRequest,
    context: AdmissionContext,
    due: Reinvocations | undefined,
    notes: Reinvocations,
    problems: Problem[],
  ): void {
    const { policy, binding, evaluator } = invocation;
    const key = keyOf(invocation);
    const { object } = request;
    const attempt = (body: () => void): void => {
      try {
        body();
      } catch (error) {
        const known = error instanceof ConditionError || error instanceof OutOfBudget || error instanceof MutationError;
        if (!known) throw error;
        problems.push({ policy, binding, message: error.message, reason: 'Invalid' });
      }
    };
    attempt(() => {
      if (!conditionsHold(evaluator.conditions, this.#activation(invocation, request, context))) return;
      if (due && !due.isDue(key)) return;
      const before = object && structuredClone(object);
      if (object)
        for (const mutation of evaluator.mutations)
          attempt(() => this.#mutate(mutation, invocation, request, object, context));
      if (object && !equal(before, object)) {
        notes.changed();
        Reinvocations.ask(request, NAME, notes);
      }
      if (policy.spec.reinvocationPolicy === 'IfNeeded') notes.called(key);
    });
  }

  #mutate(
    { expression, apply }: Mutation,
    invocation: Invoked,
    request: AdmissionRequest,
    draft: UntypedObject,
    context: AdmissionContext,
  ): void {
    const result = evaluate(expression, this.#activation(invocation, request, context), new Budget(POLICY_BUDGET));
    if (result instanceof Failure) throw new MutationError(result.message);
    const { kind } = invocation;
    const { objectKind } = request;
    const versioned = objectKind ? draft : this.#equivalents.convert(draft, request.kind, kind);
    const changed = apply(versioned, objectKind ?? kind, result);
    if (changed === versioned) return;
    replaceDraft(draft, objectKind ? changed : this.#equivalents.convert(changed, kind, request.kind));
  }

  /** What expressions see of the draft as it is now. */
  #activation({ evaluator, kind, params }: Invoked, request: AdmissionRequest, context: AdmissionContext): Activation {
    const versioned = this.#equivalents.versioned(request, kind);
    const basic = activationOf(versioned, kind, { context, authorizer: this.#server.authorizer }, params);
    const variables = new PolicyVariables(evaluator.variables, basic);
    return (name) => (name === 'variables' ? variables : basic(name));
  }
}

function refusal(request: AdmissionRequest, problems: readonly Problem[]): Error {
  const texts = problems.map(({ policy, binding, message }) =>
    binding
      ? `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`
      : `policy "${policy.metadata.name}" denied request: ${message}`,
  );
  const error = refuse(
    request,
    '',
    texts.map((message) => ({ message })),
  );
  error.status.message = texts[0]!;
  error.message = texts[0]!;
  error.status.reason = problems[0]!.reason;
  return error;
}

/** Has MutatingAdmissionPolicies change drafts. */
export function mutatingPolicies(server: ApiServer): void {
  server.admission.addMutating(new MutatingPolicies(server), 'RBACEscalation');
}
