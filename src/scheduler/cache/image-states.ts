import type { Node } from '../../api/types.ts';

type NodeImages = NonNullable<NonNullable<Node['status']>['images']>;

/** An image that some nodes have pulled. */
export interface ImageState {
  readonly nodes: Set<string>;
  sizeBytes: number;
}

/** `nginx` → `nginx:latest`; names with a tag or digest stay. */
export const withTag = (name: string): string =>
  name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;

/** Which nodes have which images, from what their kubelets report. */
export class ImageStates {
  readonly #images = new Map<string, ImageState>();
  readonly #reported = new Map<string, NodeImages>();

  get size(): number {
    return this.#images.size;
  }

  get(image: string): ImageState | undefined {
    return this.#images.get(withTag(image));
  }

  set(nodeName: string, images: NodeImages | undefined): void {
    const before = this.#reported.get(nodeName);
    if (before === images) return;
    if (before) this.#forget(nodeName, before);
    if (!images?.length) return;
    this.#reported.set(nodeName, images);
    for (const { names, sizeBytes } of images) {
      for (const name of names ?? []) {
        let state = this.#images.get(name);
        if (!state) this.#images.set(name, (state = { nodes: new Set(), sizeBytes: 0 }));
        state.nodes.add(nodeName);
        state.sizeBytes = Number(sizeBytes ?? 0);
      }
    }
  }

  #forget(nodeName: string, images: NodeImages): void {
    this.#reported.delete(nodeName);
    for (const { names } of images) {
      for (const name of names ?? []) {
        const state = this.#images.get(name);
        state?.nodes.delete(nodeName);
        if (state?.nodes.size === 0) this.#images.delete(name);
      }
    }
  }
}
