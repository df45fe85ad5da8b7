import { internalError } from '../../../api/errors.ts';
import { quote } from '../../../api/field-error.ts';
import { equal } from '../../../api/draft.ts';
import type { Kind } from '../../../api/kind.ts';
import type { UntypedObject } from '../../../api/object.ts';
import { applyJsonPatch, PatchError } from '../../../api/patch/json-patch.ts';
import type { ApiServer } from '../../server.ts';
import type { AdmissionContext, AdmissionRequest, MutatingPlugin } from '../admission.ts';
import { replaceDraft } from '../policies/drafts.ts';
import { Equivalents } from '../policies/equivalents.ts';
import { isExempt, isFixed } from '../policies/matching.ts';
import { readAs } from '../policies/patches.ts';
import { Reinvocations } from '../policies/reinvocation.ts';
import { CallingWebhookError, failedClosed, WebhookCalls, type WebhookAnswer } from './webhook-call.ts';
import { WebhookSource, type WebhookHook } from './webhook-source.ts';

const NAME = 'MutatingAdmissionWebhook';
const MUTATION = 'mutation.webhook.admission.k8s.io/';
const PATCH = 'patch.webhook.admission.k8s.io/';
const FAILED_OPEN = 'failed-open.mutation.webhook.admission.k8s.io/';

const utf8 = new TextDecoder();

/** The operations of an answer, which come as base64. */
function operationsOf({ patch = '' }: WebhookAnswer): readonly unknown[] {
  if (patch === '') return [];
  try {
    const text = utf8.decode(Uint8Array.from(atob(patch), (character) => character.charCodeAt(0)));
    const operations: unknown = JSON.parse(text);
    return Array.isArray(operations) ? operations : [];
  } catch (error) {
    throw internalError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Asks the webhooks of MutatingWebhookConfigurations, one after another, and makes the changes that they want. Those that
 * want it are asked once more when another has changed the object since.
 */
class MutatingWebhooks implements MutatingPlugin {
  readonly name = NAME;
  readonly bodies = true;
  readonly #server: ApiServer;
  readonly #source: WebhookSource;
  readonly #equivalents: Equivalents;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#equivalents = new Equivalents(server.endpoints);
    this.#source = new WebhookSource(server.etcd, 'mutatingwebhookconfigurations');
  }

  admit(request: AdmissionRequest, context: AdmissionContext): void {
    const hooks = this.#source.hooks(context);
    if (hooks.length === 0 || isExempt(request) || isFixed(request)) return;
    const again = request.reinvocation?.underway ?? false;
    const notes = Reinvocations.of(request, NAME) ?? new Reinvocations();
    if (again) notes.begin(request.object);
    const calls = new WebhookCalls(this.#server, context, this.#equivalents);
    const round = again ? 1 : 0;
    let index = 0;
    for (const hook of hooks) {
      const key = `${hook.configuration}/${hook.index}`;
      const kind = calls.matched(hook, request, context);
      if (!kind || (again && !notes.isDue(key))) continue;
      this.#call(hook, request, kind, calls, `round_${round}_index_${index++}`, notes);
      if (hook.webhook.reinvocationPolicy === 'IfNeeded') notes.called(key);
    }
    notes.end(request.object);
  }

  #call(
    { webhook, ...hook }: WebhookHook,
    request: AdmissionRequest,
    kind: Kind,
    calls: WebhookCalls,
    at: string,
    notes: Reinvocations,
  ): void {
    const { observers } = this.#server;
    const mutated = (changed: boolean): void =>
      observers.annotate(
        `${MUTATION}${at}`,
        JSON.stringify({ configuration: hook.configuration, webhook: webhook.name, mutated: changed }),
      );
    try {
      const answer = calls.ask({ webhook, ...hook }, this.#equivalents.versioned(request, kind), kind, true);
      const operations = operationsOf(answer);
      const changed = operations.length > 0 && this.#apply(webhook.name, operations, request, kind);
      mutated(changed);
      if (!changed) return;
      const details = {
        configuration: hook.configuration,
        webhook: webhook.name,
        patch: operations,
        patchType: 'JSONPatch',
      };
      observers.annotate(`${PATCH}${at}`, JSON.stringify(details));
      notes.changed();
      Reinvocations.ask(request, NAME, notes);
    } catch (error) {
      mutated(false);
      if (!(error instanceof CallingWebhookError)) throw error;
      if (webhook.failurePolicy !== 'Ignore') throw failedClosed(error);
      observers.annotate(`${FAILED_OPEN}${at}`, webhook.name);
    }
  }

  /** Patches the draft; whether that changed anything. */
  #apply(name: string, operations: readonly unknown[], request: AdmissionRequest, kind: Kind): boolean {
    const draft: UntypedObject | undefined = request.object;
    if (!draft)
      throw internalError(
        `admission webhook ${quote(name)} attempted to modify the object, which is not supported for this operation`,
      );
    const { objectKind } = request;
    const versioned = objectKind ? draft : this.#equivalents.convert(draft, request.kind, kind);
    let patched: unknown;
    try {
      patched = applyJsonPatch(versioned, operations);
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      throw internalError(error.message);
    }
    const changed = readAs(objectKind ?? kind, patched, 'Ignore');
    if (equal(versioned, changed)) return false;
    replaceDraft(draft, objectKind ? changed : this.#equivalents.convert(changed, kind, request.kind));
    return true;
  }
}

/** Has mutating webhooks asked. */
export function mutatingWebhooks(server: ApiServer): void {
  server.admission.addMutating(new MutatingWebhooks(server), 'RBACEscalation');
}
