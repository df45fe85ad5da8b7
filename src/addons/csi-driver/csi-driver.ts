import { PersistentVolumeKind } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { formatTime, keyOf } from '../../api/meta.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { hasReason } from '../../api/status.ts';
import { StorageClassKind } from '../../api/storage/storage-class.ts';
import { VolumeAttachmentKind } from '../../api/storage/volume-attachment.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttachment } from '../../api/types.ts';
import {
  EventRecorder,
  InformerFactory,
  Reconciler,
  WorkQueue,
  type Client,
  type SharedInformer,
} from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { registerOnNodes } from './node-registration.ts';
import { isToBeDeleted, newVolume, volumeName, wantsVolume } from './provisioner.ts';

export interface CsiDriverOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  /** Name of the driver, which storage classes name as their provisioner. */
  readonly driver: string;
  /** How long the storage takes to make, attach or resize a volume, virtual milliseconds. */
  readonly latencyMs?: number;
}

const LATENCY_MS = 500;

/** What stands before the keys of volumes and attachments; all others are of claims. */
const VOLUME = 'volume ';
const ATTACHMENT = 'attachment ';

/**
 * The controller of a storage driver with what accompanies one: it makes volumes for claims (external-provisioner),
 * attaches them to nodes (external-attacher) and lets them grow (external-resizer). Its storage is make-believe, has room
 * for everything, and needs nothing done on the node when a volume grows.
 */
export class CsiDriver {
  readonly #options: CsiDriverOptions;
  readonly #queue: WorkQueue;
  readonly #informers: InformerFactory;
  readonly #reconciler: Reconciler;
  readonly #claims: SharedInformer<PersistentVolumeClaim>;
  readonly #volumes: SharedInformer<PersistentVolume>;
  readonly #classes: SharedInformer<StorageClass>;
  readonly #attachments: SharedInformer<VolumeAttachment>;
  readonly #provisioner: EventRecorder;
  readonly #resizer: EventRecorder;

  constructor(options: CsiDriverOptions) {
    const { kernel, client, driver, latencyMs = LATENCY_MS } = options;
    this.#options = options;
    const component = client.userAgent;
    this.#queue = new WorkQueue(kernel, component);
    this.#informers = new InformerFactory(kernel, client);
    this.#claims = this.#informers.for(PersistentVolumeClaimKind);
    this.#volumes = this.#informers.for(PersistentVolumeKind);
    this.#classes = this.#informers.for(StorageClassKind);
    this.#attachments = this.#informers.for(VolumeAttachmentKind);
    this.#provisioner = new EventRecorder({ kernel, client, component: driver });
    this.#resizer = new EventRecorder({ kernel, client, component: `external-resizer ${driver}` });
    this.#reconciler = new Reconciler({
      kernel,
      component,
      queue: this.#queue,
      latencyMs,
      hasSynced: () => this.#informers.hasSynced(),
      reconcile: (key) => {
        if (key.startsWith(VOLUME)) this.#reconcileVolume(key.slice(VOLUME.length));
        else if (key.startsWith(ATTACHMENT)) this.#attach(key.slice(ATTACHMENT.length));
        else this.#reconcileClaim(key);
      },
    });
  }

  start(): void {
    const { driver } = this.#options;
    const claim = (object: PersistentVolumeClaim): void => this.#queue.add(keyOf(object));
    this.#claims.addHandler({ lazy: true, add: claim, update: claim });
    const volume = (object: PersistentVolume): void => {
      if (isToBeDeleted(object, driver)) this.#queue.add(VOLUME + object.metadata.name);
    };
    this.#volumes.addHandler({ lazy: true, add: volume, update: volume });
    const attachment = ({ metadata, spec, status }: VolumeAttachment): void => {
      if (spec.attacher === driver && !status?.attached) this.#queue.add(ATTACHMENT + metadata.name);
    };
    this.#attachments.addHandler({ lazy: true, add: attachment, update: attachment });
    registerOnNodes(this.#informers, this.#options.client, driver);
    this.#informers.start();
  }

  stop(): void {
    this.#reconciler.stop();
    this.#informers.stop();
  }

  #reconcileClaim(key: string): void {
    const claim = this.#claims.getByKey(key);
    const storageClass = this.#classes.getByKey(claim?.spec.storageClassName ?? '');
    if (!claim || !storageClass || storageClass.provisioner !== this.#options.driver) return;
    if (wantsVolume(claim, storageClass, this.#options.driver)) this.#provision(claim, storageClass);
    else this.#grow(claim);
  }

  #tell(recorder: EventRecorder, { metadata }: PersistentVolumeClaim, reason: string, message: string): void {
    recorder.event({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata }, 'Normal', reason, message);
  }

  #provision(claim: PersistentVolumeClaim, storageClass: StorageClass): void {
    const name = volumeName(claim);
    const text = `External provisioner is provisioning volume for claim "${keyOf(claim)}"`;
    this.#tell(this.#provisioner, claim, 'Provisioning', text);
    try {
      const volume = newVolume(claim, storageClass, this.#options.driver);
      this.#options.client.resource(PersistentVolumeKind).create(volume);
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
    this.#tell(this.#provisioner, claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
  }

  #reconcileVolume(name: string): void {
    const volume = this.#volumes.getByKey(name);
    if (!volume || !isToBeDeleted(volume, this.#options.driver)) return;
    try {
      this.#options.client.resource(PersistentVolumeKind).delete(name);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  #attach(name: string): void {
    const attachment = this.#attachments.getByKey(name);
    if (!attachment || attachment.metadata.deletionTimestamp || attachment.status?.attached) return;
    const attachments = this.#options.client.resource(VolumeAttachmentKind);
    attachments.updateStatus({ ...attachment, status: { ...attachment.status, attached: true } });
  }

  /** Lets the volume of a claim that asks for more grow: first the volume, then what the claim says it has. */
  #grow(claim: PersistentVolumeClaim): void {
    const { kernel, client, driver } = this.#options;
    const wanted = claim.spec.resources?.requests?.['storage'] ?? '0';
    const has = claim.status?.capacity?.['storage'] ?? '0';
    if (claim.status?.phase !== 'Bound' || parseQuantity(wanted).compare(parseQuantity(has)) <= 0) return;
    const volume = this.#volumes.getByKey(claim.spec.volumeName ?? '');
    if (volume?.spec?.csi?.driver !== driver) return;
    const { name } = volume.metadata;
    this.#tell(this.#resizer, claim, 'Resizing', `External resizer is resizing volume ${name}`);
    const claims = client.resource(PersistentVolumeClaimKind);
    const lastTransitionTime = formatTime(kernel.now);
    const others = claim.status.conditions?.filter(({ type }) => type !== 'Resizing') ?? [];
    const resizing = { type: 'Resizing', status: 'True' as const, lastTransitionTime };
    const begun = claims.updateStatus({
      ...claim,
      status: { ...claim.status, conditions: [...others, resizing] } as NonNullable<PersistentVolumeClaim['status']>,
    });
    client.resource(PersistentVolumeKind).patch(name, undefined, 'merge', { spec: { capacity: { storage: wanted } } });
    const { conditions: _, ...status } = begun.status ?? {};
    claims.updateStatus({
      ...begun,
      status: {
        ...status,
        ...(others.length > 0 ? { conditions: others } : {}),
        capacity: { ...status.capacity, storage: wanted },
      } as NonNullable<PersistentVolumeClaim['status']>,
    });
    this.#tell(this.#resizer, claim, 'VolumeResizeSuccessful', 'Resize volume succeeded');
  }
}
