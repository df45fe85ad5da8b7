import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { HttpRequest, HttpResponse } from '../../apiserver/request.ts';
import type { KubectlConfig } from '../../kubectl/index.ts';
import type { Completion } from '../protocol.ts';
import { loadKubectl } from './load-kubectl.ts';
import type { Files } from './program.ts';

/** What completion may look at. */
export interface CompletionSource {
  readonly programs: readonly string[];
  readonly files: Files;
  readonly config: KubectlConfig;
  /** What the cluster serves. */
  readonly kinds: readonly Kind[];
  /** The objects shown, by kind. */
  objects(kind: string): Iterable<UntypedObject>;
  /** Answers discovery. */
  discover(request: HttpRequest): HttpResponse;
}

const DISCOVERY = /^\/(api|apis)(\/[^/]+)?(\/v[^/]+)?$/;

/**
 * Lists as the API server gives them, out of what is shown: pressing Tab is no request, and leaves no trace in the
 * timeline or the history.
 */
function listShown(url: string, source: CompletionSource): HttpResponse {
  const path = url.split('?')[0]!;
  const resource = path.slice(path.lastIndexOf('/') + 1);
  const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
  const kind = source.kinds.find((candidate) => candidate.resource === resource);
  const items = kind ? [...source.objects(kind.kind)] : [];
  const body = { kind: 'List', items: items.filter(({ metadata }) => !namespace || metadata.namespace === namespace) };
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

/** What Tab offers at the cursor: programs, files, and for kubectl its commands, flags, kinds and names. */
export async function completeLine(line: string, cursor: number, source: CompletionSource): Promise<Completion> {
  const before = line.slice(0, cursor);
  const start =
    before.length -
    before
      .split(/[|;&\n]|\$\(/)
      .at(-1)!
      .trimStart().length;
  const words = before.slice(start).split(/\s+/);
  const [program] = words;
  const word = words.at(-1)!;
  const among = (candidates: readonly string[]): Completion => ({
    from: cursor - word.length,
    options: candidates.filter((candidate) => candidate.startsWith(word)).sort(),
  });
  if (words.length === 1) return among(source.programs);
  if (program !== 'kubectl' && program !== 'k') return among(source.files.list());
  const { complete } = await loadKubectl();
  const { from, options } = complete(before.slice(start), cursor - start, {
    transport: {
      request: (request) =>
        DISCOVERY.test(request.url.split('?')[0]!) ? source.discover(request) : listShown(request.url, source),
    },
    stdout: () => undefined,
    stderr: () => undefined,
    files: { read: (path) => source.files.read(path), list: () => source.files.list() },
    config: source.config,
    now: () => 0,
    sleep: () => Promise.resolve(),
  });
  return { from: start + from, options };
}
