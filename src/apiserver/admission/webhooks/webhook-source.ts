import { PolicyExpressions } from '../../../api/admissionregistration/expressions.ts';
import type { Webhook } from '../../../api/admissionregistration/webhooks.ts';
import { BOOL } from '../../../api/cel/index.ts';
import type { UntypedObject } from '../../../api/object.ts';
import type { Etcd } from '../../../etcd/index.ts';
import type { AdmissionContext } from '../admission.ts';
import { compile, type Compiled } from '../policies/expressions.ts';

/** A webhook with what was compiled of it. */
export interface WebhookHook {
  /** The name of its configuration, and which of its webhooks it is. */
  readonly configuration: string;
  readonly index: number;
  readonly webhook: Webhook;
  readonly conditions: readonly Compiled[];
}

type Configuration = UntypedObject & { readonly webhooks?: readonly Webhook[] };

/** The webhooks of all configurations of one sort, by the names of those; read anew only when one has changed. */
export class WebhookSource {
  readonly #resource: string;
  readonly #compiled = new WeakMap<UntypedObject, readonly WebhookHook[]>();
  #hooks: readonly WebhookHook[] | undefined;

  constructor(etcd: Etcd, resource: string) {
    this.#resource = resource;
    etcd.watch({ prefix: `/registry/${resource}/` }, () => (this.#hooks = undefined));
  }

  hooks(context: AdmissionContext): readonly WebhookHook[] {
    return (this.#hooks ??= context
      .list('admissionregistration.k8s.io', this.#resource, undefined)
      .flatMap((configuration) => this.#hooksOf(configuration as Configuration)));
  }

  #hooksOf(configuration: Configuration): readonly WebhookHook[] {
    let hooks = this.#compiled.get(configuration);
    if (!hooks) {
      const expressions = new PolicyExpressions(false);
      hooks = (configuration.webhooks ?? []).map((webhook, index) => ({
        configuration: configuration.metadata.name,
        index,
        webhook,
        conditions: (webhook.matchConditions ?? []).map(({ expression }) =>
          compile(expressions, expression, { authorizer: true }, BOOL),
        ),
      }));
      this.#compiled.set(configuration, hooks);
    }
    return hooks;
  }
}
