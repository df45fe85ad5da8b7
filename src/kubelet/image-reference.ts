import { sharedText } from '../api/shared-text.ts';
const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** An image name taken apart: `nginx` is docker.io, library/nginx, latest. */
export interface ImageReference {
  readonly domain: string;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export class ImageNameError extends Error {}

const cache = new Map<string, ImageReference>();
const CACHED = 1000;

/** Parses an image name by the rules of the distribution reference grammar; throws ImageNameError in its words. */
export function parseImage(image: string): ImageReference {
  const known = cache.get(image);
  if (known) return known;
  const parsed = parse(image);
  if (cache.size >= CACHED) cache.clear();
  cache.set(image, parsed);
  return parsed;
}

function parse(image: string): ImageReference {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const hasDomain = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const domain = hasDomain ? first : 'docker.io';
  let remainder = hasDomain ? image.slice(slash + 1) : image;
  if (domain === 'docker.io' && !remainder.includes('/')) remainder = `library/${remainder}`;

  const at = remainder.indexOf('@');
  const digest = at < 0 ? undefined : remainder.slice(at + 1);
  const named = at < 0 ? remainder : remainder.slice(0, at);
  const colon = named.indexOf(':');
  const path = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (path !== path.toLowerCase()) {
    throw new ImageNameError(`invalid reference format: repository name (${path}) must be lowercase`);
  }
  const valid =
    DOMAIN.test(domain) &&
    PATH.test(path) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  if (!valid) throw new ImageNameError('invalid reference format');
  return { domain, path, tag, digest };
}

/** `nginx` → `docker.io/library/nginx:latest`. */
export function canonicalImage(image: string): string {
  const { domain, path, tag, digest } = parseImage(image);
  const name = `${domain}/${path}`;
  if (digest) return `${name}${tag ? `:${tag}` : ''}@${digest}`;
  return `${name}:${tag ?? 'latest'}`;
}

/** The name with its default tag, otherwise as written: `nginx` → `nginx:latest`. */
export function taggedImage(image: string): string {
  const { tag, digest } = parseImage(image);
  return tag === undefined && digest === undefined ? sharedText(`${image}:latest`) : image;
}
