import type { Kernel } from '../kernel/index.ts';
import type { Pod } from '../api/types.ts';
import { BackOff } from './back-off.ts';
import { goDuration } from '../api/duration.ts';
import { ImageNameError, taggedImage } from './image-reference.ts';
import type { ContainerRef } from './names.ts';
import { RuntimeError, type ContainerRuntime, type ImageInfo } from './runtime/cri.ts';
import { StartError } from './start-error.ts';
import { call, type Task } from './task.ts';

const FIRST_BACK_OFF_MS = 10_000;
const LONGEST_BACK_OFF_MS = 300_000;

/** Records an event about a container. */
export type ContainerEvent = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/**
 * Sees to it that a container's image is on the node, by its pull policy, with one pull at a time
 * (serializeImagePulls) and a back-off per Pod and image.
 */
export class ImagePuller {
  readonly #kernel: Kernel;
  readonly #runtime: ContainerRuntime;
  readonly #backOff = new BackOff(FIRST_BACK_OFF_MS, LONGEST_BACK_OFF_MS);
  readonly #failures = new Map<string, string>();
  readonly #waiting: (() => void)[] = [];
  readonly #changed: () => void;
  #busy = false;

  /** `changed` is called after a pull that brought an image. */
  constructor(kernel: Kernel, runtime: ContainerRuntime, changed: () => void) {
    this.#kernel = kernel;
    this.#runtime = runtime;
    this.#changed = changed;
  }

  /** The image, present on the node. Throws StartError with the reason that the container waits for. */
  *ensure(pod: Pod, { container }: ContainerRef, event: ContainerEvent): Task<ImageInfo> {
    const image = container.image ?? '';
    const tagged = this.#tagged(image, event);
    const present = this.#runtime.imageStatus(tagged);
    if (present && container.imagePullPolicy !== 'Always') {
      event('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`);
      return present;
    }
    if (container.imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      event('Warning', 'ErrImageNeverPull', message);
      throw new StartError('ErrImageNeverPull', message);
    }
    return yield* this.#pull(`${pod.metadata.uid}_${image}`, image, tagged, event);
  }

  #tagged(image: string, event: ContainerEvent): string {
    try {
      return taggedImage(image);
    } catch (error) {
      if (!(error instanceof ImageNameError)) throw error;
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${error.message}`;
      event('Warning', 'InspectFailed', message);
      throw new StartError('InvalidImageName', message);
    }
  }

  *#pull(key: string, image: string, tagged: string, event: ContainerEvent): Task<ImageInfo> {
    const remaining = this.#backOff.remainingSinceStep(key, this.#kernel.now);
    if (remaining > 0) {
      const message = `Back-off pulling image "${image}"`;
      event('Normal', 'BackOff', message);
      const cause = this.#failures.get(key);
      throw new StartError('ImagePullBackOff', cause ? `${message}: ErrImagePull: ${cause}` : message, remaining);
    }
    event('Normal', 'Pulling', `Pulling image "${image}"`);
    const asked = this.#kernel.now;
    yield* this.#turn();
    const begun = this.#kernel.now;
    try {
      const info = yield* call<ImageInfo>((done) => this.#runtime.pullImage(tagged, done));
      const now = this.#kernel.now;
      const took = goDuration(now - begun);
      const waited = goDuration(now - asked);
      // In one piece: no two pulls say the same, and text put together by + stays a chain of its parts.
      const message = [
        ...['Successfully pulled image "', image, '" in ', took, ' (', waited, ' including waiting). Image size: '],
        ...[info.sizeBytes, ' bytes.'],
      ].join('');
      event('Normal', 'Pulled', message);
      this.#failures.delete(key);
      this.#changed();
      return info;
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      event('Warning', 'Failed', `Failed to pull image "${image}": ${error.rpc}`);
      this.#backOff.step(key, this.#kernel.now, this.#kernel.now);
      this.#failures.set(key, error.rpc);
      throw new StartError('ErrImagePull', error.rpc);
    } finally {
      this.#busy = false;
      this.#waiting.shift()?.();
    }
  }

  /** Waits until no other pull of the node is under way, and takes the place. */
  *#turn(): Task {
    while (this.#busy) {
      yield (resume) => {
        this.#waiting.push(resume);
        return () => {
          const at = this.#waiting.indexOf(resume);
          if (at >= 0) this.#waiting.splice(at, 1);
        };
      };
    }
    this.#busy = true;
  }
}
