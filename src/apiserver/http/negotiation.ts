import { notAcceptable } from '../../api/errors.ts';

/** In which form a client wants objects. */
export interface Representation {
  readonly as: 'Object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
  /** Version of the table, of the metadata or of the discovery document. */
  readonly version: string;
}

const PLAIN: Representation = { as: 'Object', version: '' };

/** Types in which the server answers. What is to be YAML leaves it as JSON, for those who write to the wire to turn into it. */
const SERVED_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/yaml', 'application/*', '*/*']);

/**
 * The first form of an Accept header that the server can give; throws NotAcceptable when there is none. `tables` is
 * whether what is answered can be printed.
 */
export function negotiate(accept: string | undefined, tables = true): Representation {
  if (!accept) return PLAIN;
  for (const clause of accept.split(',')) {
    const [type, ...parameters] = clause.split(';').map((part) => part.trim());
    if (!SERVED_TYPES.has(type!)) continue;
    const values = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
    const as = values.get('as');
    const version = values.get('v') ?? '';
    if (!as) return PLAIN;
    const group = values.get('g');
    if (group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1')) {
      if ((as === 'Table' && tables) || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
        return { as, version };
    }
    if (group === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList' && version === 'v2') return { as, version };
  }
  throw notAcceptable(
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}
