import { PodKind } from '../../api/core/pod.ts';
import { controllerOf, keyOf } from '../../api/meta.ts';
import type { Manifest } from '../../api/object.ts';
import {
  claimReference,
  isForPod,
  isReservedFor,
  POD_CLAIM_NAME,
  type PodResourceClaim,
} from '../../api/resource/pod-claims.ts';
import { ResourceClaimTemplateKind } from '../../api/resource/resource-claim-template.ts';
import { ResourceClaimKind } from '../../api/resource/resource-claim.ts';
import { ApiError, hasReason } from '../../api/status.ts';
import type { Pod, ResourceClaim, ResourceClaimTemplate } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import { ControlLoop } from '../control-loop.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { isPodActive } from '../pods.ts';
import { isPodDone, settleReservations } from './reservations.ts';

const NAME = 'resourceclaim-controller';
const FIELD_MANAGER = 'ResourceClaimController';
/** A generated name leaves room for its five random characters and a dash, within 253. */
const MAX_GENERATE_NAME = 247;

const POD = 'pod:';
const CLAIM = 'claim:';

type ClaimStatus = NonNullable<NonNullable<Pod['status']>['resourceClaimStatuses']>[number];

/**
 * Makes ResourceClaims for Pods from the templates that they name, tells the Pods their names, and takes back the
 * devices of claims whose Pods are done. Claims made for a Pod go with it, or once it has ended.
 */
export class ResourceClaimController implements Controller {
  readonly #loop: ControlLoop;
  readonly #pods: SharedInformer<Pod>;
  readonly #claims: SharedInformer<ResourceClaim>;
  readonly #templates: SharedInformer<ResourceClaimTemplate>;

  constructor(context: ControllerContext) {
    const { informers } = context;
    this.#pods = informers.for(PodKind);
    this.#claims = informers.for(ResourceClaimKind);
    this.#templates = informers.for(ResourceClaimTemplateKind);
    this.#loop = new ControlLoop({
      context,
      name: NAME,
      account: 'resource-claim-controller',
      reconcile: (key) =>
        key.startsWith(POD) ? this.#syncPod(key.slice(POD.length)) : this.#syncClaim(key.slice(CLAIM.length)),
    });
    this.#loop.on(this.#pods, {
      add: (pod) => this.#enqueuePod(pod),
      update: (pod) => this.#enqueuePod(pod),
      delete: (pod) => this.#enqueueClaimsOf(pod),
    });
    const enqueue = (claim: ResourceClaim): void => this.#loop.queue.add(CLAIM + keyOf(claim));
    this.#loop.on(this.#claims, {
      add: enqueue,
      update: enqueue,
      // Somebody has deleted it while its Pod still needs it: a new one is made.
      delete: (claim) => {
        const owner = controllerOf(claim);
        if (owner?.kind === 'Pod') this.#loop.queue.add(`${POD}${claim.metadata.namespace}/${owner.name}`);
      },
    });
    this.#loop.on(this.#templates, {
      add: ({ metadata: { namespace, name } }) => {
        for (const pod of this.#pods.list(namespace)) {
          const wants = pod.spec.resourceClaims?.some(({ resourceClaimTemplateName: wanted }) => wanted === name);
          if (wants) this.#enqueuePod(pod);
        }
      },
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #enqueuePod(pod: Pod): void {
    if (!pod.spec.resourceClaims?.length) return;
    if (isPodDone(pod)) this.#enqueueClaimsOf(pod);
    else if (isPodActive(pod)) this.#loop.queue.add(POD + keyOf(pod));
  }

  #enqueueClaimsOf(pod: Pod): void {
    for (const each of pod.spec.resourceClaims ?? []) {
      const name = claimReference(pod, each)?.name;
      if (name !== undefined) this.#loop.queue.add(`${CLAIM}${pod.metadata.namespace}/${name}`);
    }
  }

  #syncPod(key: string): void {
    const pod = this.#pods.getByKey(key);
    if (!pod || !isPodActive(pod)) return;
    const made: ClaimStatus[] = [];
    for (const each of pod.spec.resourceClaims ?? []) {
      try {
        const status = this.#claimFor(pod, each);
        if (status) made.push(status);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const message = `PodResourceClaim ${each.name}: ${error.message}`;
        this.#loop.recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', message);
        throw error;
      }
    }
    if (made.length > 0) this.#tell(pod, made);
    // The scheduler reserves claims for the Pods that it places; others have a node from the start.
    else if (pod.spec.nodeName) this.#reserve(pod);
  }

  /** Makes the claim that a Pod needs, unless it is there; returns what the Pod has to be told. */
  #claimFor(pod: Pod, podClaim: PodResourceClaim): ClaimStatus | undefined {
    const templateName = podClaim.resourceClaimTemplateName;
    if (!templateName) return undefined;
    const { namespace } = pod.metadata;
    const reference = claimReference(pod, podClaim);
    if (reference) {
      const claim = reference.name === undefined ? undefined : this.#claims.get(namespace, reference.name);
      if (reference.name === undefined || (claim && isForPod(pod, claim))) return undefined;
    }
    // Made before, but the Pod has not been told.
    const known = this.#claims
      .list(namespace)
      .find((claim) => isForPod(pod, claim) && claim.metadata.annotations?.[POD_CLAIM_NAME] === podClaim.name);
    const claim = known ?? this.#create(pod, podClaim, templateName);
    return { name: podClaim.name, resourceClaimName: claim.metadata.name };
  }

  #create(pod: Pod, podClaim: PodResourceClaim, templateName: string): ResourceClaim {
    const { name, namespace, uid = '' } = pod.metadata;
    const template = this.#templates.get(namespace, templateName);
    if (!template) {
      const missing = `resourceclaimtemplate.resource.k8s.io "${templateName}" not found`;
      throw new ApiError(404, 'NotFound', `resource claim template "${templateName}": ${missing}`);
    }
    const { metadata = {}, spec } = template.spec;
    const claim: Manifest<ResourceClaim> = {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: {
        ...(namespace === undefined ? {} : { namespace }),
        generateName: `${`${name}-${podClaim.name}`.slice(0, MAX_GENERATE_NAME)}-`,
        ...(metadata.labels ? { labels: metadata.labels } : {}),
        annotations: { ...metadata.annotations, [POD_CLAIM_NAME]: podClaim.name },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec,
    };
    return this.#loop.client.resource(ResourceClaimKind).create(claim);
  }

  /** Tells a Pod the names of the claims that were made for it. */
  #tell({ metadata: { name, namespace }, status }: Pod, made: readonly ClaimStatus[]): void {
    const before = (status?.resourceClaimStatuses ?? []).filter((each) => made.every((one) => one.name !== each.name));
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      status: { resourceClaimStatuses: [...before, ...made] },
    };
    const options = { subresource: 'status', fieldManager: FIELD_MANAGER, force: true };
    this.#loop.client.resource(PodKind).patch(name, namespace, 'apply', body, options);
  }

  #reserve(pod: Pod): void {
    const { name, namespace, uid = '' } = pod.metadata;
    for (const each of pod.spec.resourceClaims ?? []) {
      const claimName = claimReference(pod, each)?.name;
      const claim = claimName === undefined ? undefined : this.#claims.get(namespace, claimName);
      if (!claim?.status?.allocation || isReservedFor(pod, claim)) continue;
      const reservedFor = [...(claim.status.reservedFor ?? []), { resource: 'pods', name, uid }];
      this.#loop.client
        .resource(ResourceClaimKind)
        .updateStatus({ ...claim, status: { ...claim.status, reservedFor } });
    }
  }

  #syncClaim(key: string): void {
    const known = this.#claims.getByKey(key);
    if (!known) return;
    const claim = settleReservations(known, this.#pods, this.#loop.client);
    if (claim.status?.reservedFor?.length) return;
    const owner = controllerOf(claim);
    if (owner?.kind !== 'Pod' || claim.metadata.deletionTimestamp) return;
    const { name, namespace } = claim.metadata;
    const pod = this.#pods.get(namespace, owner.name);
    // One that is gone takes its claims along: the garbage collector sees to that.
    if (!pod || (pod.metadata.uid === owner.uid && !isPodDone(pod))) return;
    try {
      this.#loop.client.resource(ResourceClaimKind).delete(name, namespace);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
