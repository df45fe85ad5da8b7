import type { ApiServer } from '../server.ts';
import { CustomResources } from './custom-resources.ts';
import { WebhookConverters } from './webhook-converter.ts';

/** Kinds that the API is extended with by CustomResourceDefinitions. */
export function customResources(server: ApiServer): void {
  new CustomResources(server, { webhookConverter: new WebhookConverters(server).of });
}
