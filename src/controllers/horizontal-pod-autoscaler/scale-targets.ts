import { CustomResourceDefinitionKind } from '../../api/apiextensions/custom-resource-definition.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import type { CustomResourceDefinition, HorizontalPodAutoscaler } from '../../api/types.ts';
import type { ApiRequest, Verb } from '../../apiserver/request.ts';
import type { Client, SharedInformer } from '../../client/index.ts';
import type { ControllerContext } from '../context.ts';
import { clientErrorText } from './metrics-client.ts';

/** The scale of something that can be scaled. */
export interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas: number; readonly selector?: string };
}

/** Where requests for a scale go. */
export type ScaleResource = Pick<Kind, 'group' | 'version' | 'resource'> & {
  /** Whether it has a scale. */
  readonly scalable: boolean;
};

type Reference = HorizontalPodAutoscaler['spec']['scaleTargetRef'];

/** Finds and changes scales of whatever has one, kinds of CustomResourceDefinitions too (client-go's scale client). */
export class ScaleTargets {
  readonly #client: Client;
  readonly #kinds: readonly Kind[];
  readonly #definitions: SharedInformer<CustomResourceDefinition>;

  constructor(client: Client, { kinds, informers }: ControllerContext) {
    this.#client = client;
    this.#kinds = kinds;
    this.#definitions = informers.for(CustomResourceDefinitionKind);
  }

  /** The resource of a reference's kind. Throws an Error with the REST mapper's words when nobody serves it. */
  resourceOf({ apiVersion = '', kind }: Reference): ScaleResource {
    const parts = apiVersion.split('/');
    if (parts.length > 2) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
    const group = parts.length === 2 ? parts[0]! : '';
    const known = this.#kinds.find((each) => each.group === group && each.kind === kind);
    const found = known ? { ...known, scalable: known.scale !== undefined } : this.#custom(group, kind);
    if (!found) throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
    return found;
  }

  #custom(group: string, kind: string): ScaleResource | undefined {
    const { spec } =
      this.#definitions.list().find((each) => each.spec.group === group && each.spec.names.kind === kind) ?? {};
    const served = spec?.versions.filter((version) => version.served) ?? [];
    const version = served.find(({ subresources }) => subresources?.scale) ?? served[0];
    if (!spec || !version) return undefined;
    const scalable = version.subresources?.scale !== undefined;
    return { group, version: version.name, resource: spec.names.plural, scalable };
  }

  get(resource: ScaleResource, namespace: string | undefined, name: string): Scale {
    return this.#request('get', resource, namespace, name);
  }

  update(resource: ScaleResource, scale: Scale, replicas: number): void {
    const { namespace, name } = scale.metadata;
    this.#request('update', resource, namespace, name, { ...scale, spec: { replicas } });
  }

  #request(
    verb: Verb,
    { group, version, resource }: ScaleResource,
    namespace: string | undefined,
    name: string,
    body?: unknown,
  ): Scale {
    const { endpoint, user, userAgent } = this.#client;
    const request: ApiRequest = {
      verb,
      group,
      version,
      resource,
      subresource: 'scale',
      namespace,
      name,
      user,
      userAgent,
      options: {},
      body,
    };
    try {
      return endpoint.serve(request).object as unknown as Scale;
    } catch (error) {
      const text = clientErrorText(error, `${verb === 'update' ? 'put' : verb} ${resource} ${name}`);
      if (error instanceof Error && text !== error.message) throw new Error(text);
      throw error;
    }
  }
}
