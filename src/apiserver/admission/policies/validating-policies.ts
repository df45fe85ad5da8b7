import { BOOL, Failure, NULL, STRING, type Activation } from '../../../api/cel/index.ts';
import type { UntypedObject } from '../../../api/object.ts';
import type { StatusReason } from '../../../api/status.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../api/types.ts';
import type { ApiServer } from '../../server.ts';
import { refuse, type AdmissionContext, type AdmissionRequest, type ValidatingPlugin } from '../admission.ts';
import { activationOf } from './activation.ts';
import { AuditAnnotations } from './audit-annotations.ts';
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
import { isExempt } from './matching.ts';
import {
  compileBasis,
  invocationsOf,
  type Invocation,
  type PolicyBasis,
  type PolicySpec,
} from './policy-compilation.ts';
import { PolicySource } from './policy-source.ts';

type Policy = ValidatingAdmissionPolicy & UntypedObject;
type Binding = ValidatingAdmissionPolicyBinding & UntypedObject;
type Validation = NonNullable<Policy['spec']['validations']>[number];

interface Evaluator extends PolicyBasis {
  readonly validations: readonly {
    readonly validation: Validation;
    readonly test: Compiled;
    readonly message: Compiled | undefined;
  }[];
  readonly annotations: readonly { readonly key: string; readonly value: Compiled }[];
}

function compilePolicy({ spec }: Policy): Evaluator {
  const { conditions, variables, expressions, sight } = compileBasis(spec as PolicySpec);
  const validations = (spec.validations ?? []).map((validation) => ({
    validation,
    test: compile(expressions, validation.expression, sight, BOOL),
    message: validation.messageExpression
      ? compile(expressions, validation.messageExpression, { ...sight, authorizer: false }, STRING)
      : undefined,
  }));
  const annotations = (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
    key,
    value: compile(expressions, valueExpression, sight, STRING, NULL),
  }));
  return { conditions, variables, validations, annotations };
}

/** What a policy says against a request. */
interface Denial {
  readonly policy: Policy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason: StatusReason;
  /** Of the validation, from 0. */
  readonly index: number;
}

/** Messages may not be longer. */
const MAX_MESSAGE_BYTES = 5 * 1024;

const CODES: Partial<Record<StatusReason, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

/** What a failed validation is told as: its expression's message, or its own, or the expression. */
function messageOf(validation: Validation, computed: unknown): string {
  const text = typeof computed === 'string' ? computed.trim() : '';
  if (text !== '' && text.length <= MAX_MESSAGE_BYTES && !text.includes('\n')) return text;
  return validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
}

/**
 * ValidatingAdmissionPolicies (KEP-3488): the policies whose bindings are about a request are evaluated; what they say
 * against it refuses it, warns, or is noted in the audit log, as their bindings want.
 */
class ValidatingPolicies implements ValidatingPlugin {
  readonly name = 'ValidatingAdmissionPolicy';
  readonly connections = true;
  readonly #server: ApiServer;
  readonly #source: PolicySource<Policy, Binding, Evaluator>;
  readonly #equivalents: Equivalents;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#equivalents = new Equivalents(server.endpoints);
    this.#source = new PolicySource<Policy, Binding, Evaluator>(server.etcd, {
      policies: 'validatingadmissionpolicies',
      bindings: 'validatingadmissionpolicybindings',
      compile: compilePolicy,
    });
  }

  validate(asked: AdmissionRequest, context: AdmissionContext): void {
    const hooks = this.#source.hooks(context);
    if (hooks.length === 0 || isExempt(asked)) return;
    const request = this.#equivalents.versioned(asked, asked.kind);
    const resources = { endpoints: this.#server.endpoints, equivalents: this.#equivalents };
    const annotations = new AuditAnnotations();
    const denied: Denial[] = [];
    for (const found of invocationsOf(hooks, request, context, resources)) {
      if ('evaluator' in found) denied.push(...this.#invoke(found, request, context, annotations));
      else if (found.policy.spec.failurePolicy !== 'Ignore') denied.push({ ...found, reason: 'Invalid', index: 0 });
    }
    annotations.publish((key, value) => this.#server.observers.annotate(key, value));
    if (denied.length > 0) throw denial(request, denied[0]!);
  }

  /** Evaluates a policy; what it says that is to refuse the request. */
  #invoke(
    invocation: Invocation<Policy, Binding, Evaluator>,
    request: AdmissionRequest,
    context: AdmissionContext,
    annotations: AuditAnnotations,
  ): Denial[] {
    const { policy, binding, evaluator, kind, params } = invocation;
    const versioned = this.#equivalents.versioned(request, kind);
    const basic = activationOf(versioned, kind, { context, authorizer: this.#server.authorizer }, params);
    const variables = new PolicyVariables(evaluator.variables, basic);
    const activation: Activation = (name) => (name === 'variables' ? variables : basic(name));
    const failures = decisionsOf(invocation, activation);
    if (failures === undefined) return [];
    const actions: readonly string[] = binding.spec.validationActions ?? [];
    for (const failure of failures) {
      if (actions.includes('Audit'))
        annotations.addFailure(failure.index, failure.message, binding.spec, binding.metadata.name);
      if (actions.includes('Warn'))
        request.warnings.push(
          `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${failure.message}`,
        );
    }
    return [...(actions.includes('Deny') ? failures : []), ...annotate(invocation, activation, annotations)];
  }
}

/** The validations that fail; undefined when the conditions of the policy do not hold. */
function decisionsOf(
  { policy, binding, evaluator }: Invocation<Policy, Binding, Evaluator>,
  activation: Activation,
): Denial[] | undefined {
  const ignored = policy.spec.failurePolicy === 'Ignore';
  const base = { policy, binding, index: 0 };
  const budget = new Budget(POLICY_BUDGET);
  try {
    if (!conditionsHold(evaluator.conditions, activation)) return undefined;
    const denials: Denial[] = [];
    const results = evaluator.validations.map(({ test }) => evaluate(test, activation, budget));
    evaluator.validations.forEach(({ validation, message }, index) => {
      const result = results[index]!;
      if (result instanceof Failure) {
        if (!ignored) denials.push({ ...base, index, message: result.message, reason: 'Invalid' });
        return;
      }
      if (result === true) return;
      const computed = message && evaluate(message, activation, budget);
      const reason = (validation.reason ?? 'Invalid') as StatusReason;
      denials.push({ ...base, index, message: messageOf(validation, computed), reason });
    });
    return denials;
  } catch (error) {
    if (!(error instanceof ConditionError || error instanceof OutOfBudget)) throw error;
    return ignored ? [] : [{ ...base, message: error.message, reason: 'Invalid' }];
  }
}

/** Notes what a policy has to say for the audit log; what cannot be worked out counts against the request. */
function annotate(
  { policy, binding, evaluator }: Invocation<Policy, Binding, Evaluator>,
  activation: Activation,
  annotations: AuditAnnotations,
): Denial[] {
  const denials: Denial[] = [];
  const budget = new Budget(POLICY_BUDGET);
  for (const { key, value } of evaluator.annotations) {
    const result = evaluate(value, activation, budget);
    if (result instanceof Failure) {
      if (policy.spec.failurePolicy !== 'Ignore')
        denials.push({ policy, binding, message: result.message, reason: 'Invalid', index: 0 });
    } else if (typeof result === 'string' && result.trim() !== '')
      annotations.add(`${policy.metadata.name}/${key}`, result.trim());
  }
  return denials;
}

function denial(request: AdmissionRequest, { policy, binding, message, reason }: Denial): Error {
  const by = binding ? ` with binding '${binding.metadata.name}'` : '';
  const text = `ValidatingAdmissionPolicy '${policy.metadata.name}'${by} denied request: ${message}`;
  const error = refuse(request, text, [{ message: text }]);
  error.status.reason = reason;
  error.status.code = CODES[reason] ?? 422;
  return error;
}

/** Has ValidatingAdmissionPolicies judge requests. */
export function validatingPolicies(server: ApiServer): void {
  server.admission.addValidating(new ValidatingPolicies(server), 'ResourceQuota');
}
