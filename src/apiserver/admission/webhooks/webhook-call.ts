/** Asking one webhook about a request (AdmissionReview of admission.k8s.io/v1). */
import { badRequest, forbidden, internalError } from '../../../api/errors.ts';
import { quote } from '../../../api/field-error.ts';
import { apiVersionOf, type Kind } from '../../../api/kind.ts';
import type { UntypedObject } from '../../../api/object.ts';
import { ApiError, type Status, type StatusReason } from '../../../api/status.ts';
import type { ApiServer } from '../../server.ts';
import { WebhookCallError, WebhookClient, type ClientConfig } from '../../webhooks/webhook-client.ts';
import type { AdmissionContext, AdmissionRequest } from '../admission.ts';
import { activationOf, describeRequest } from '../policies/activation.ts';
import type { Equivalents } from '../policies/equivalents.ts';
import { ConditionError, conditionsHold, OutOfBudget } from '../policies/expressions.ts';
import { matchesNamespace, matchesObject, matchRules } from '../policies/matching.ts';
import type { WebhookHook } from './webhook-source.ts';

/** A webhook that gave no proper answer; whether that matters is for its failurePolicy to say. */
export class CallingWebhookError extends Error {
  constructor(name: string, reason: string) {
    super(`failed calling webhook ${quote(name)}: ${reason}`);
  }
}

/** What a webhook answers, as far as it is well-formed. */
export interface WebhookAnswer {
  readonly allowed: boolean;
  readonly patch?: string;
  readonly patchType?: string;
}

interface Response {
  readonly uid?: string;
  readonly allowed?: boolean;
  readonly status?: Partial<Status>;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

interface Review {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly response?: Response;
}

const VERSIONS: ReadonlySet<string> = new Set(['v1', 'v1beta1']);
const DEFAULT_TIMEOUT = 10;

/** The refusal that a webhook asks for (webhookerrors.ToStatusErr). */
function refusal(name: string, { code = 0, message, reason, details }: Partial<Status>): ApiError {
  const denied = `admission webhook ${quote(name)} denied the request`;
  const because = message || reason;
  const text = because ? `${denied}: ${because}` : `${denied} without explanation`;
  return new ApiError(Math.max(code, 400), (reason ?? '') as StatusReason, text, details);
}

/** Asks webhooks. */
export class WebhookCalls {
  readonly #server: ApiServer;
  readonly #client: WebhookClient;
  readonly #equivalents: Equivalents;

  constructor(server: ApiServer, context: AdmissionContext, equivalents: Equivalents) {
    this.#server = server;
    this.#client = new WebhookClient(context, () => server.dialer);
    this.#equivalents = equivalents;
  }

  /** The kind by which a webhook is to be asked about a request; undefined when it is not. */
  matched(hook: WebhookHook, request: AdmissionRequest, context: AdmissionContext): Kind | undefined {
    const { webhook, conditions } = hook;
    const { namespaceSelector, objectSelector, rules, matchPolicy } = webhook;
    const kind = matchRules(rules, matchPolicy, request, this.#equivalents);
    if (!kind) return undefined;
    if (!matchesNamespace(namespaceSelector, request, context)) return undefined;
    if (!matchesObject(objectSelector, request)) return undefined;
    if (conditions.length === 0) return kind;
    const surroundings = { context, authorizer: this.#server.authorizer };
    try {
      const activation = activationOf(this.#equivalents.versioned(request, kind), kind, surroundings, undefined);
      return conditionsHold(conditions, activation) ? kind : undefined;
    } catch (error) {
      if (!(error instanceof ConditionError || error instanceof OutOfBudget)) throw error;
      if (webhook.failurePolicy === 'Ignore') return undefined;
      throw forbidden(request.kind, request.name, error.message);
    }
  }

  /**
   * Asks a webhook. Throws ApiError when it refuses the request, CallingWebhookError when it gives no proper answer.
   */
  ask({ webhook }: WebhookHook, request: AdmissionRequest, kind: Kind, mutating: boolean): WebhookAnswer {
    const { name, sideEffects, timeoutSeconds = DEFAULT_TIMEOUT } = webhook;
    if (request.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun')
      throw badRequest(`admission webhook ${quote(name)} does not support dry run`);
    const version = webhook.admissionReviewVersions?.find((one) => VERSIONS.has(one)) ?? 'v1';
    const apiVersion = `admission.k8s.io/${version}`;
    const uid = this.#server.uids.uuid();
    const review = {
      kind: 'AdmissionReview',
      apiVersion,
      request: {
        uid,
        ...describeRequest(request, kind),
        object: objectOf(request.object, request.objectKind ?? kind),
        oldObject: objectOf(request.old, request.objectKind ?? kind),
      },
    };
    const response = this.#response(name, webhook.clientConfig as ClientConfig, review, timeoutSeconds);
    const answer = verified(name, response, uid, apiVersion, mutating);
    for (const [key, value] of Object.entries(answer.auditAnnotations ?? {}))
      this.#server.observers.annotate(`${name}/${key}`, value);
    request.warnings.push(...(answer.warnings ?? []));
    if (!answer.allowed) throw refusal(name, answer.status ?? {});
    return { allowed: true, patch: answer.patch, patchType: answer.patchType };
  }

  #response(name: string, config: ClientConfig, review: object, timeoutSeconds: number): Review {
    try {
      return this.#client.call(config, review, timeoutSeconds) as Review;
    } catch (error) {
      if (!(error instanceof WebhookCallError)) throw error;
      throw new CallingWebhookError(name, `failed to call webhook: ${error.message}`);
    }
  }
}

const objectOf = (object: UntypedObject | undefined, kind: Pick<Kind, 'group' | 'version' | 'kind'>): object | null =>
  object ? { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind } : null;

/** The response of a review that answers what was asked. */
function verified(name: string, review: Review, uid: string, apiVersion: string, mutating: boolean): Response {
  const fail = (problem: string): CallingWebhookError =>
    new CallingWebhookError(name, `received invalid webhook response: ${problem}`);
  const { response } = review ?? {};
  if (!response) throw fail('webhook response was absent');
  if (apiVersion.endsWith('v1beta1')) return response;
  const got = `${review.apiVersion ?? ''}, Kind=${review.kind ?? ''}`;
  if (review.apiVersion !== apiVersion || review.kind !== 'AdmissionReview')
    throw fail(`expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${got}`);
  if (response.uid !== uid) throw fail(`expected response.uid=${quote(uid)}, got ${quote(response.uid ?? '')}`);
  const { patch = '', patchType = '' } = response;
  if (!mutating && patch !== '') throw fail('webhook returned response.patch in a validating webhook');
  if (mutating && patch !== '' && patchType === '')
    throw fail('webhook returned response.patch but not response.patchType');
  if (mutating && patch === '' && patchType !== '')
    throw fail('webhook returned response.patchType but not response.patch');
  if (mutating && patch !== '' && patchType !== 'JSONPatch')
    throw fail(`webhook returned invalid response.patchType of ${quote(patchType)}`);
  return response;
}

/** The error of a webhook that failed and may not. */
export const failedClosed = (error: CallingWebhookError): ApiError => internalError(error.message);
