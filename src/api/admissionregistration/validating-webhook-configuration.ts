import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { ValidatingWebhookConfiguration } from '../types.ts';
import { checkWebhooks, webhookColumns, webhooksWithDefaults, type Webhook } from './webhooks.ts';

/** ValidatingWebhookConfigurations: who is asked to judge requests, and which. */
export const ValidatingWebhookConfigurationKind: Kind<ValidatingWebhookConfiguration> =
  defineKind<ValidatingWebhookConfiguration>({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind: 'ValidatingWebhookConfiguration',
    resource: 'validatingwebhookconfigurations',
    singular: 'validatingwebhookconfiguration',
    categories: ['api-extensions'],
    namespaced: false,
    schema: 'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
    hasGeneration: true,
    defaults(draft) {
      if (draft.webhooks) draft.webhooks = webhooksWithDefaults(draft.webhooks as Webhook[], false);
    },
    validate: ({ webhooks }) => checkWebhooks(webhooks as Webhook[] | undefined),
    columns: webhookColumns,
  });
