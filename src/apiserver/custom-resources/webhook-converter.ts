/** Conversion of custom resources by a webhook (ConversionReview of apiextensions.k8s.io/v1). */
import { equal } from '../../api/draft.ts';
import { quote } from '../../api/field-error.ts';
import { apiVersionOf } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { ApiError } from '../../api/status.ts';
import type { Random } from '../../kernel/index.ts';
import { selected } from '../registry/read.ts';
import type { ApiServer } from '../server.ts';
import { WebhookCallError, WebhookClient } from '../webhooks/webhook-client.ts';
import type { Converter } from './conversion.ts';
import type { Definition } from './definition.ts';

const API_GROUP = 'apiextensions.k8s.io';
const TIMEOUT_SECONDS = 30;

interface Response {
  readonly uid?: string;
  readonly result?: { readonly status?: string; readonly message?: string };
  readonly convertedObjects?: readonly UntypedObject[];
}

interface Review {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly response?: Response;
}

/** What metadata a webhook may change; all else stays. */
function withKeptMetadata(converted: UntypedObject, { metadata }: UntypedObject): UntypedObject {
  const { labels: _labels, annotations: _annotations, ...kept } = metadata;
  const { labels, annotations } = converted.metadata;
  return {
    ...converted,
    metadata: { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
  };
}

/** What is wrong with a converted object; undefined when it may stand for the original. */
function problemOf(
  converted: UntypedObject | undefined,
  original: UntypedObject,
  apiVersion: string,
): string | undefined {
  if (typeof converted !== 'object' || converted === null) return 'invalid object';
  if (converted.apiVersion !== apiVersion)
    return `invalid groupVersion (expected ${apiVersion}, received ${converted.apiVersion})`;
  if (converted.kind !== original.kind) return `invalid kind (expected ${original.kind}, received ${converted.kind})`;
  const { metadata } = converted;
  if (typeof metadata !== 'object' || metadata === null) return 'missing metadata in converted object';
  for (const field of ['name', 'namespace', 'uid'] as const)
    if (!equal(metadata[field], original.metadata[field])) return `changed metadata.${field}`;
  return undefined;
}

/** The objects that a review answers with. Throws an Error with Kubernetes' words when it has none. */
function objectsOf(review: Review | null, apiVersion: string, uid: string): readonly UntypedObject[] {
  const { apiVersion: givenVersion = '', kind = '', response } = review ?? {};
  if (givenVersion !== apiVersion || kind !== 'ConversionReview')
    throw new Error(
      `expected webhook response of ${apiVersion}, Kind=ConversionReview, got ${givenVersion}, Kind=${kind}`,
    );
  if (!response) throw new Error('no response provided');
  if (response.uid !== uid) throw new Error(`expected response.uid=${quote(uid)}, got ${quote(response.uid ?? '')}`);
  const { status = '', message } = response.result ?? {};
  if (status !== 'Success') throw new Error(message || `response.result.status was '${status}', not 'Success'`);
  return response.convertedObjects ?? [];
}

/** Makes converters that ask the webhooks of definitions. */
export class WebhookConverters {
  readonly #client: WebhookClient;
  readonly #uids: Random;

  constructor(server: ApiServer) {
    this.#uids = server.kernel.random('kube-apiserver/conversion');
    this.#client = new WebhookClient(
      {
        get: (group, resource, namespace, name) =>
          server.endpoints.findAnyVersion(group, resource)?.store.get(namespace, name),
        list: (group, resource, namespace) => {
          const endpoint = server.endpoints.findAnyVersion(group, resource);
          return endpoint ? selected(server.etcd, endpoint, { namespace }) : [];
        },
      },
      () => server.dialer,
    );
  }

  readonly of = ({ spec }: Definition): Converter => {
    const { clientConfig = {}, conversionReviewVersions = [] } = spec.conversion?.webhook ?? {};
    const known = conversionReviewVersions.find((version) => version === 'v1' || version === 'v1beta1') ?? 'v1';
    const reviewVersion = apiVersionOf({ group: API_GROUP, version: known });
    return (objects, apiVersion) => {
      const [first] = objects;
      if (!first) return objects;
      const gvk = `${first.apiVersion}, Kind=${first.kind}`;
      const fail = (problem: string): ApiError =>
        new ApiError(500, '', `conversion webhook for ${gvk} failed: ${problem}`);
      const uid = this.#uids.uuid();
      const review = {
        kind: 'ConversionReview',
        apiVersion: reviewVersion,
        request: { uid, desiredAPIVersion: apiVersion, objects },
      };
      let converted: readonly UntypedObject[];
      try {
        const answer = this.#client.call(clientConfig, review, TIMEOUT_SECONDS) as Review | null;
        converted = objectsOf(answer, reviewVersion, uid);
      } catch (error) {
        if (error instanceof WebhookCallError || error instanceof Error) throw fail(error.message);
        throw error;
      }
      if (converted.length !== objects.length)
        throw new ApiError(
          500,
          '',
          `conversion webhook for ${gvk} returned ${converted.length} objects, expected ${objects.length}`,
        );
      return objects.map((object, i) => {
        const problem = problemOf(converted[i], object, apiVersion);
        if (!problem) return withKeptMetadata(converted[i]!, object);
        throw new ApiError(
          500,
          '',
          `conversion webhook for ${gvk} returned invalid converted object at index ${i}: ${problem}`,
        );
      });
    };
  };
}
