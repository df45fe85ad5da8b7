/** What a resource path names. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace?: string;
  readonly resource: string;
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the subresource: the path that a proxy passes on. */
  readonly rest?: string;
  /** A deprecated path with /watch/ in it. */
  readonly watching: boolean;
}

export const isGroupPath = (segments: readonly string[]): boolean => segments[0] === 'api' || segments[0] === 'apis';

export const segmentsOf = (path: string): string[] => path.split('/').filter(Boolean).map(decodeSegment);

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * Reads `/api/v1/namespaces/NS/pods/NAME/SUB` and its relatives. Undefined when the path is too short to name
 * a resource. Whether such a resource exists is not looked at.
 */
export function parseResourcePath(segments: readonly string[]): ResourcePath | undefined {
  const core = segments[0] === 'api';
  const [group, version, ...after] = core ? ['', ...segments.slice(1)] : segments.slice(1);
  if (group === undefined || version === undefined) return undefined;
  const watching = after[0] === 'watch';
  const rest = watching ? after.slice(1) : after;
  const place = { group, version, watching };
  if (rest[0] === undefined) return undefined;
  // `/namespaces/NS/status` and `/finalize` are subresources of the Namespace, anything else lies in it.
  const inside = rest[0] === 'namespaces' && rest[2] !== undefined && rest[2] !== 'status' && rest[2] !== 'finalize';
  const namespace = inside ? rest[1] : undefined;
  const [resource, name, subresource, ...more] = inside ? rest.slice(2) : rest;
  return {
    ...place,
    ...(namespace === undefined ? {} : { namespace }),
    resource: resource!,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(more.length > 0 ? { rest: more.join('/') } : {}),
  };
}
