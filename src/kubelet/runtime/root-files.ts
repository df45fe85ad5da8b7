import type { Sandbox } from './cri.ts';
import type { FileEntry, FileSet, ProvidedFiles } from './file-tree.ts';
import type { Image } from './image.ts';

const DIRECTORIES = ['bin/', 'dev/', 'etc/', 'home/', 'proc/', 'root/', 'sys/', 'tmp/', 'usr/', 'var/'];

const imageFiles = new WeakMap<Image, FileSet>();

/** The files that every container of an image starts with, with the directories that every root has. */
export function rootFiles(image: Image): FileSet {
  let files = imageFiles.get(image);
  if (!files) {
    const own = new Map<string, FileEntry>(image.files ?? []);
    for (const directory of DIRECTORIES) if (!own.has(directory)) own.set(directory, { text: '' });
    imageFiles.set(image, (files = own));
  }
  return files;
}

const NAMES = ['etc/hosts', 'etc/hostname', 'etc/resolv.conf'];

/** What the kubelet and the runtime put into /etc of a container: names and addresses of its Pod. */
export class PodFiles implements ProvidedFiles {
  readonly names = NAMES;
  readonly #sandbox: Sandbox;
  readonly #hostIps: readonly string[];

  constructor(sandbox: Sandbox, hostIps: readonly string[]) {
    this.#sandbox = sandbox;
    this.#hostIps = hostIps;
  }

  file(path: string): FileEntry | undefined {
    switch (path) {
      case 'etc/hosts':
        return { text: this.#hosts() };
      case 'etc/hostname':
        return { text: `${this.#sandbox.config.hostname}\n` };
      case 'etc/resolv.conf':
        return { text: this.#resolver() };
      default:
        return undefined;
    }
  }

  #hosts(): string {
    const { config, ips } = this.#sandbox;
    const ip = config.hostNetwork ? (this.#hostIps[0] ?? '') : (ips[0] ?? '');
    const { hostname, hostDomain } = config;
    const names = hostDomain === undefined ? hostname : `${hostname}.${hostDomain}\t${hostname}`;
    const aliases = (config.hostAliases ?? []).map(
      ({ ip: address, hostnames = [] }) => `${address}\t${hostnames.join('\t')}\n`,
    );
    return (
      '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' +
      `fe00::\tip6-localnet\nfe00::\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${ip}\t${names}\n` +
      (aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : '')
    );
  }

  #resolver(): string {
    const { servers, searches, ndots } = this.#sandbox.config.dns;
    return (
      (searches.length > 0 ? `search ${searches.join(' ')}\n` : '') +
      servers.map((server) => `nameserver ${server}\n`).join('') +
      (ndots === 1 ? '' : `options ndots:${ndots}\n`)
    );
  }
}
