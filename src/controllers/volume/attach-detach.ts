import { sha256 } from '@noble/hashes/sha2.js';
import { NodeKind } from '../../api/core/node.ts';
import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../../api/core/persistent-volume.ts';
import { PodKind } from '../../api/core/pod.ts';
import { equal } from '../../api/draft.ts';
import { hasReason } from '../../api/status.ts';
import { CsiDriverKind } from '../../api/storage/csi-driver.ts';
import { VolumeAttachmentKind } from '../../api/storage/volume-attachment.ts';
import type {
  CsiDriver,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  VolumeAttachment,
} from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { indexPodsByNode, isPodFinished, podsOnNode } from '../pods.ts';
import { subjectOf } from '../pod-control.ts';

/** Index of attachments by their node, and of Pods by the claims that they use. */
const BY_NODE = 'node';

/** A volume that stays in use on a node which says nothing any more is taken off it after so long. */
const MAX_WAIT_MS = 6 * 60_000;

/** A volume that is to be attached to a node, with a Pod that wants it. */
interface Wanted {
  readonly volume: PersistentVolume;
  readonly driver: string;
  readonly pod: Pod;
}

/** `csi-…`: the same for the same volume on the same node. */
function attachmentName(handle: string, driver: string, node: string): string {
  const hash = sha256(new TextEncoder().encode(`${handle}${driver}${node}`));
  return `csi-${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Whether it is one that this controller makes: those of others are not its business. */
const isOurs = ({ metadata }: VolumeAttachment): boolean => /^csi-[0-9a-f]{64}$/.test(metadata.name);

/** What a node's status calls the volume. */
const uniqueName = (driver: string, handle: string): string => `kubernetes.io/csi/${driver}^${handle}`;

/**
 * Attaches the volumes of CSI drivers to the nodes whose Pods use them, and takes them off again: it writes
 * VolumeAttachments, on which the attacher of the driver acts, and notes in the node's status what is attached. A volume
 * that the kubelet has in use stays until it is unmounted, or for six minutes where the node is gone.
 *
 * Drivers whose CSIDriver says `attachRequired: false` need none of it, nor do volumes of other sources: the last
 * in-tree plugin that attaches is gone.
 */
export class AttachDetachController implements Controller {
  readonly #loop: ControlLoop;
  readonly #pods: SharedInformer<Pod>;
  readonly #nodes: SharedInformer<Node>;
  readonly #claims: SharedInformer<PersistentVolumeClaim>;
  readonly #volumes: SharedInformer<PersistentVolume>;
  readonly #drivers: SharedInformer<CsiDriver>;
  readonly #attachments: SharedInformer<VolumeAttachment>;
  readonly #now: () => number;
  /** When a volume that is in use was first to be taken off, by attachment. */
  readonly #detaching = new Map<string, number>();

  constructor(context: ControllerContext) {
    const { informers, kernel } = context;
    this.#now = () => kernel.now;
    this.#loop = new ControlLoop({
      context,
      name: 'attachdetach-controller',
      reconcile: (node) => this.#reconcile(node),
    });
    this.#pods = informers.for(PodKind);
    this.#nodes = informers.for(NodeKind);
    this.#claims = informers.for(PersistentVolumeClaimKind);
    this.#volumes = informers.for(PersistentVolumeKind);
    this.#drivers = informers.for(CsiDriverKind);
    this.#attachments = informers.for(VolumeAttachmentKind);
    indexPodsByNode(this.#pods);
    this.#attachments.addIndex(BY_NODE, ({ spec }) => [spec.nodeName]);
    for (const informer of [this.#claims, this.#volumes, this.#drivers]) this.#loop.needs(informer);
    const enqueue = (node: string | undefined): void => {
      if (node) this.#loop.queue.add(node);
    };
    const podChanged = ({ spec }: Pod): void => {
      if (spec.volumes?.some(({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim ?? ephemeral))
        enqueue(spec.nodeName);
    };
    this.#loop.on(this.#pods, {
      add: podChanged,
      update: (pod, old) => {
        if (pod.spec.nodeName !== old.spec.nodeName || isPodFinished(pod) !== isPodFinished(old)) podChanged(pod);
      },
      delete: podChanged,
    });
    this.#loop.on(this.#nodes, {
      update: ({ metadata, status }, old) => {
        if (status?.volumesInUse !== old.status?.volumesInUse) enqueue(metadata.name);
      },
      delete: ({ metadata }) => enqueue(metadata.name),
    });
    const attachmentChanged = ({ spec }: VolumeAttachment): void => enqueue(spec.nodeName);
    this.#loop.on(this.#attachments, {
      add: attachmentChanged,
      update: attachmentChanged,
      delete: attachmentChanged,
    });
    // A claim that is bound only now may be one of a Pod that waits for it on its node.
    this.#loop.on(this.#claims, {
      update: ({ metadata, spec }, old) => {
        if (!spec.volumeName || old.spec.volumeName) return;
        for (const pod of this.#pods.list(metadata.namespace))
          if (claimNames(pod).includes(metadata.name)) enqueue(pod.spec.nodeName);
      },
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #reconcile(nodeName: string): void {
    const node = this.#nodes.getByKey(nodeName);
    const wanted = node ? this.#wantedOn(nodeName) : new Map<string, Wanted>();
    const present = new Map(this.#attachments.byIndex(BY_NODE, nodeName).map((each) => [each.metadata.name, each]));
    for (const [name, each] of wanted) if (!present.has(name)) this.#attach(nodeName, name, each);
    const attached = [...present.values()].filter(({ status }) => status?.attached);
    if (node) this.#noteAttached(node, attached, wanted);
    for (const attachment of present.values())
      if (isOurs(attachment) && !wanted.has(attachment.metadata.name)) this.#detach(node, attachment);
  }

  /** Volumes that the Pods of a node use, by the name of their attachment. */
  #wantedOn(node: string): Map<string, Wanted> {
    const wanted = new Map<string, Wanted>();
    for (const pod of podsOnNode(this.#pods, node).values()) {
      if (isPodFinished(pod)) continue;
      for (const claimName of claimNames(pod)) {
        const claim = this.#claims.get(pod.metadata.namespace, claimName);
        const volume = this.#volumes.getByKey(claim?.spec.volumeName ?? '');
        const csi = volume?.spec?.csi;
        if (!volume || !csi || volume.spec?.claimRef?.uid !== claim?.metadata.uid) continue;
        if (this.#drivers.getByKey(csi.driver)?.spec.attachRequired === false) continue;
        wanted.set(attachmentName(csi.volumeHandle, csi.driver, node), { volume, driver: csi.driver, pod });
      }
    }
    return wanted;
  }

  #attach(nodeName: string, name: string, { volume, driver, pod }: Wanted): void {
    const { spec, metadata } = volume;
    const elsewhere = this.#attachments
      .list()
      .find((other) => other.spec.source.persistentVolumeName === metadata.name && other.spec.nodeName !== nodeName);
    const shareable = spec?.accessModes?.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
    if (elsewhere && !shareable) {
      const users = [...podsOnNode(this.#pods, elsewhere.spec.nodeName).values()]
        .filter((other) => other.metadata.namespace === pod.metadata.namespace && sharesClaim(other, pod))
        .map((other) => other.metadata.name);
      const text =
        users.length > 0
          ? `Volume is already used by pod(s) ${users.join(', ')}`
          : "Volume is already exclusively attached to one node and can't be attached to another";
      this.#tell(pod, 'Warning', 'FailedAttachVolume', `Multi-Attach error for volume "${metadata.name}" ${text}`);
      return;
    }
    try {
      this.#loop.client.resource(VolumeAttachmentKind).create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name },
        spec: { attacher: driver, nodeName, source: { persistentVolumeName: metadata.name } },
      });
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
  }

  /** Writes into the node's status what is attached to it; tells the Pods of what is new. */
  #noteAttached(node: Node, attached: readonly VolumeAttachment[], wanted: ReadonlyMap<string, Wanted>): void {
    const volumesAttached = attached
      .flatMap(({ spec: { attacher, source } }) => {
        const handle = this.#volumes.getByKey(source.persistentVolumeName ?? '')?.spec?.csi?.volumeHandle;
        return handle === undefined ? [] : [{ name: uniqueName(attacher, handle), devicePath: '' }];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const before = node.status?.volumesAttached ?? [];
    if (equal(before, volumesAttached)) return;
    this.#loop.client
      .resource(NodeKind)
      .patch(node.metadata.name, undefined, 'merge', { status: { volumesAttached } }, { subresource: 'status' });
    const known = new Set(before.map(({ name }) => name));
    for (const { volume, driver, pod } of wanted.values()) {
      const name = uniqueName(driver, volume.spec?.csi?.volumeHandle ?? '');
      if (known.has(name) || !volumesAttached.some((each) => each.name === name)) continue;
      const text = `AttachVolume.Attach succeeded for volume "${volume.metadata.name}" `;
      this.#tell(pod, 'Normal', 'SuccessfulAttachVolume', text);
    }
  }

  /** Lets go of a volume that nobody on the node wants any more. */
  #detach(node: Node | undefined, { metadata, spec }: VolumeAttachment): void {
    if (metadata.deletionTimestamp) return;
    const handle = this.#volumes.getByKey(spec.source.persistentVolumeName ?? '')?.spec?.csi?.volumeHandle;
    const inUse = handle !== undefined && node?.status?.volumesInUse?.includes(uniqueName(spec.attacher, handle));
    if (inUse) {
      const since = this.#detaching.get(metadata.name) ?? this.#now();
      this.#detaching.set(metadata.name, since);
      const waitMs = since + MAX_WAIT_MS - this.#now();
      if (waitMs > 0) {
        this.#loop.queue.addAfter(spec.nodeName, waitMs);
        return;
      }
    }
    this.#detaching.delete(metadata.name);
    try {
      this.#loop.client.resource(VolumeAttachmentKind).delete(metadata.name);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  #tell(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#loop.recorder.event(subjectOf(pod, PodKind), type, reason, message);
  }
}

/** Names of the claims that a Pod uses, those of its ephemeral volumes too. */
const claimNames = ({ metadata, spec }: Pod): string[] =>
  (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : ephemeral ? [`${metadata.name}-${name}`] : [],
  );

function sharesClaim(a: Pod, b: Pod): boolean {
  const names = new Set(claimNames(b));
  return claimNames(a).some((name) => names.has(name));
}
