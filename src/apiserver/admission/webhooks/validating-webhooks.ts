import type { ApiServer } from '../../server.ts';
import type { AdmissionContext, AdmissionRequest, ValidatingPlugin } from '../admission.ts';
import { Equivalents } from '../policies/equivalents.ts';
import { isExempt } from '../policies/matching.ts';
import { CallingWebhookError, failedClosed, WebhookCalls } from './webhook-call.ts';
import { WebhookSource, type WebhookHook } from './webhook-source.ts';

const FAILED_OPEN = 'failed-open.validating.webhook.admission.k8s.io/';

/** Asks the webhooks of ValidatingWebhookConfigurations; the first that says no decides. */
class ValidatingWebhooks implements ValidatingPlugin {
  readonly name = 'ValidatingAdmissionWebhook';
  readonly connections = true;
  readonly #server: ApiServer;
  readonly #source: WebhookSource;
  readonly #equivalents: Equivalents;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#equivalents = new Equivalents(server.endpoints);
    this.#source = new WebhookSource(server.etcd, 'validatingwebhookconfigurations');
  }

  validate(asked: AdmissionRequest, context: AdmissionContext): void {
    const hooks = this.#source.hooks(context);
    if (hooks.length === 0 || isExempt(asked)) return;
    const request = this.#equivalents.versioned(asked, asked.kind);
    const calls = new WebhookCalls(this.#server, context, this.#equivalents);
    // All who are to be asked are known before the first is.
    const matching = hooks.flatMap((hook) => {
      const kind = calls.matched(hook, request, context);
      return kind ? [{ hook, kind }] : [];
    });
    matching.forEach(({ hook, kind }, i) =>
      this.#tolerating(hook, i, () => calls.ask(hook, this.#equivalents.versioned(request, kind), kind, false)),
    );
  }

  #tolerating({ webhook }: WebhookHook, index: number, ask: () => void): void {
    try {
      ask();
    } catch (error) {
      if (!(error instanceof CallingWebhookError)) throw error;
      if (webhook.failurePolicy !== 'Ignore') throw failedClosed(error);
      this.#server.observers.annotate(`${FAILED_OPEN}round_0_index_${index}`, webhook.name);
    }
  }
}

/** Has validating webhooks asked. */
export function validatingWebhooks(server: ApiServer): void {
  server.admission.addValidating(new ValidatingWebhooks(server), 'ResourceQuota');
}
