/** Manifests in the fragment of an address: never sent to a server, and read as data only. */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import type { LabFile } from '../../lab/protocol.ts';

const PREFIX = '#lab=';
/** What browsers and chat programs pass on unharmed. */
const MAX_FRAGMENT = 8_000;
const MAX_TEXT = 64_000;

/** What most manifests are made of: with it, a link holds little more than the reader's own words. */
const DICTIONARY = strToU8(
  [
    'readinessProbe:livenessProbe:httpGet:initialDelaySeconds: periodSeconds: failureThreshold: path: /',
    'resources:requests:limits:cpu: 100mmemory: 128Mi strategy:type: RollingUpdaterollingUpdate:maxSurge: maxUnavailable: ',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: web\n  ports:\n    - port: 80\n      targetPort: 80\n---\n',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: web\n',
    '  template:\n    metadata:\n      labels:\n        app: web\n    spec:\n      containers:\n        - name: web\n          image: nginx:1.27\n          ports:\n            - containerPort: 80\n',
  ].join(''),
);

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const fromBase64Url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

/** The fragment that holds these files of a lab; undefined when they are too long for one. */
export function toFragment(labId: string, files: readonly LabFile[]): string | undefined {
  const json = JSON.stringify(files.map(({ path, text }) => [path, text]));
  const packed = deflateSync(strToU8(json), { level: 9, dictionary: DICTIONARY });
  if (packed.length > MAX_FRAGMENT) return undefined;
  const fragment = `${PREFIX}${labId}.${toBase64Url(packed)}`;
  return fragment.length > MAX_FRAGMENT ? undefined : fragment;
}

/**
 * The files of a lab that a fragment holds: only those that the lab has (`paths`). Undefined when the fragment is
 * about something else; null when it is about this lab and cannot be read.
 */
export function fromFragment(
  fragment: string,
  labId: string,
  paths: readonly string[],
): readonly LabFile[] | null | undefined {
  const start = `${PREFIX}${labId}.`;
  if (!fragment.startsWith(start)) return undefined;
  if (fragment.length > MAX_FRAGMENT) return null;
  try {
    const packed = fromBase64Url(fragment.slice(start.length));
    const json = strFromU8(inflateSync(packed, { dictionary: DICTIONARY }));
    const entries: unknown = json.length > MAX_TEXT ? undefined : JSON.parse(json);
    if (!Array.isArray(entries)) return null;
    const files = entries.flatMap((entry: unknown): LabFile[] => {
      const [path, text]: unknown[] = Array.isArray(entry) ? entry : [];
      return typeof path === 'string' && typeof text === 'string' && paths.includes(path) ? [{ path, text }] : [];
    });
    return files.length === entries.length && files.length > 0 ? files : null;
  } catch {
    return null;
  }
}
