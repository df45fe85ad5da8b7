import type { ValidatingAdmissionPolicyBinding } from '../../../api/types.ts';

const MAX_VALUE_BYTES = 10 * 1024;
const FAILURE_KEY = 'validation.policy.admission.k8s.io/validation_failure';

/** What policies note of a request for the audit log. */
export class AuditAnnotations {
  readonly #values = new Map<string, string[]>();
  #failure: string | undefined;

  /** Values of several bindings under one key are told together. */
  add(key: string, value: string): void {
    const values = this.#values.get(key) ?? [];
    const shortened = value.slice(0, MAX_VALUE_BYTES);
    if (!values.includes(shortened)) this.#values.set(key, [...values, shortened]);
  }

  /** A validation that failed under a binding with the action Audit; the first is kept. */
  addFailure(
    expressionIndex: number,
    message: string,
    { policyName, validationActions }: ValidatingAdmissionPolicyBinding['spec'],
    binding: string,
  ): void {
    const failure = { message, policy: policyName, binding, expressionIndex, validationActions };
    this.#failure ??= JSON.stringify([failure]);
  }

  publish(annotate: (key: string, value: string) => void): void {
    if (this.#failure !== undefined) annotate(FAILURE_KEY, this.#failure);
    for (const [key, values] of this.#values) annotate(key, values.join(', '));
  }
}
