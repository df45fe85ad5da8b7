import type { Pod } from '../api/types.ts';
import type { PodView } from './pod-view.ts';
import type { FileTree } from './runtime/file-tree.ts';
import type { Task } from './task.ts';
import { contents, MountError, mountVolume, type VolumeSources } from './volumes.ts';

type Volume = NonNullable<Pod['spec']['volumes']>[number];

const FIRST_REMOUNT_MS = 500;
const LONGEST_REMOUNT_MS = 122_000;

interface MountedVolume {
  readonly name: string;
  readonly tree: FileTree;
}

/** The volumes of one Pod, as far as they are mounted. */
export class PodVolumes {
  readonly #view: PodView;
  #mounted: readonly MountedVolume[] = [];

  constructor(view: PodView) {
    this.#view = view;
  }

  /** The files of a volume that is mounted. */
  tree(name: string): FileTree | undefined {
    return this.#mounted.find((volume) => volume.name === name)?.tree;
  }

  /** Whether what is mounted can change while the Pod runs. */
  get changing(): boolean {
    return this.#view.pod.spec.volumes?.some(mirrorsObjects) ?? false;
  }

  /** Mounts what is not mounted yet, with as many tries as it takes, and brings the rest up to date. */
  *mount(): Task {
    const { kernel, component } = this.#view.context;
    const { volumes } = this.#view.pod.spec;
    if (!volumes) return;
    for (let wait = FIRST_REMOUNT_MS; !this.#tryAll(volumes); wait = Math.min(wait * 2, LONGEST_REMOUNT_MS)) {
      yield (resume) => {
        const timer = kernel.after(wait, component, resume, { background: wait > FIRST_REMOUNT_MS });
        return () => timer.cancel();
      };
    }
  }

  #tryAll(volumes: readonly Volume[]): boolean {
    let complete = true;
    for (const volume of volumes) {
      try {
        const { name } = volume;
        const tree = this.tree(name);
        if (!tree)
          this.#mounted = [...this.#mounted, { name, tree: mountVolume(this.#view.pod, volume, this.#sources) }];
        else if (mirrorsObjects(volume)) this.#refresh(tree, volume);
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
        complete = false;
        this.#view.event(
          'Warning',
          'FailedMount',
          `MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`,
        );
      }
    }
    return complete;
  }

  /** Brings a mounted ConfigMap or Secret up to date; one that is gone stays as it was. */
  #refresh(tree: FileTree, volume: Volume): void {
    try {
      const held = contents(this.#view.pod, volume, this.#sources);
      if (held) tree.replace(held.files);
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
    }
  }

  get #sources(): VolumeSources {
    const { context, ips } = this.#view;
    const { client, hostIps, sharedFiles } = context;
    return { client, hostIps, podIps: ips, node: () => context.node(), shared: sharedFiles };
  }
}

/** Whether a volume mirrors objects that may change; the one that every Pod has for its token does not count. */
const mirrorsObjects = ({ configMap, secret, projected }: Volume): boolean =>
  configMap !== undefined ||
  secret !== undefined ||
  (projected?.sources?.some(
    (source) => source.secret ?? (source.configMap && source.configMap.name !== 'kube-root-ca.crt'),
  ) ??
    false);
