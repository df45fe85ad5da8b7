import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { MutatingWebhookConfiguration } from '../types.ts';
import { checkWebhooks, webhookColumns, webhooksWithDefaults, type Webhook } from './webhooks.ts';

/** MutatingWebhookConfigurations: who is asked to change requests, and which. */
export const MutatingWebhookConfigurationKind: Kind<MutatingWebhookConfiguration> =
  defineKind<MutatingWebhookConfiguration>({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind: 'MutatingWebhookConfiguration',
    resource: 'mutatingwebhookconfigurations',
    singular: 'mutatingwebhookconfiguration',
    categories: ['api-extensions'],
    namespaced: false,
    schema: 'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
    hasGeneration: true,
    defaults(draft) {
      if (draft.webhooks) draft.webhooks = webhooksWithDefaults(draft.webhooks as Webhook[], true);
    },
    validate: ({ webhooks }) => checkWebhooks(webhooks as Webhook[] | undefined),
    columns: webhookColumns,
  });
