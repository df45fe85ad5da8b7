import { internalError } from '../../api/errors.ts';
import type { ApiServer } from '../server.ts';
import { CustomResources } from './custom-resources.ts';

/** Kinds that the API is extended with by CustomResourceDefinitions. */
export function customResources(server: ApiServer): void {
  new CustomResources(server, {
    webhookConverter: (definition) => () => {
      throw internalError(`conversion webhook for ${definition.spec.names.kind} failed: no route`);
    },
  });
}
