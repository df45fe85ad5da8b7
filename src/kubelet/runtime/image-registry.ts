import { canonicalImage, parseImage } from '../image-reference.ts';
import { RuntimeError, type ImageInfo } from './cri.ts';
import type { Image } from './image.ts';

/** FNV-1a, for digests that look right and never change. */
function hex(text: string, length: number): string {
  let out = '';
  for (let round = 0; out.length < length; round++) {
    let h = 0x811c9dc5 ^ Math.imul(round + 1, 0x9e3779b1);
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h ^= h >>> 15;
    out += (Math.imul(h, 0x2c1b3c6d) >>> 0).toString(16).padStart(8, '0');
  }
  return out.slice(0, length);
}

/** One tag of an image. */
export interface PublishedImage {
  readonly image: Image;
  readonly env: Readonly<Record<string, string>>;
  readonly info: ImageInfo;
}

/** The registries of the simulated world: which images exist, and what a pull of others answers. */
export class ImageRegistry {
  readonly #load: () => readonly Image[];
  #images: ReadonlyMap<string, Image> | undefined;
  readonly #published = new Map<string, PublishedImage>();

  /** `load` is asked for the images when the first of them is. */
  constructor(load: () => readonly Image[]) {
    this.#load = load;
  }

  /** What a name stands for; throws RuntimeError in containerd's words when there is no such thing. */
  resolve(name: string): PublishedImage {
    const canonical = canonicalImage(name);
    const known = this.#published.get(canonical);
    if (known) return known;
    const { domain, path, tag = 'latest', digest } = parseImage(name);
    const repository = `${domain}/${path}`;
    this.#images ??= new Map(this.#load().map((image) => [image.repository, image]));
    const image = this.#images.get(repository);
    const prefix = `failed to pull and unpack image "${canonical}": failed to resolve reference "${canonical}":`;
    if (!image) {
      throw domain === 'docker.io'
        ? new RuntimeError(
            `${prefix} pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
          )
        : new RuntimeError(`${prefix} ${canonical}: not found`, 'NotFound');
    }
    const existing =
      digest === undefined ? image.tags.test(tag) : digest === `sha256:${hex(`${repository}:${tag}`, 64)}`;
    if (!existing) throw new RuntimeError(`${prefix} ${canonical}: not found`, 'NotFound');
    const id = `${repository}@sha256:${hex(`${repository}:${tag}`, 64)}`;
    const published = {
      image,
      env: image.env?.(tag) ?? {},
      info: { id, names: [id, canonical], sizeBytes: image.sizeBytes(tag), user: image.user ?? 0 },
    };
    this.#published.set(canonical, published);
    return published;
  }
}
