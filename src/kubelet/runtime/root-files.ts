import type { Sandbox } from './cri.ts';
import type { FileEntry, FileSet } from './file-tree.ts';
import type { Image } from './image.ts';

/** What a container's root holds at its start: the image's files, and those that the kubelet and the runtime provide. */
export function rootFiles(image: Image, { config, ips }: Sandbox, hostIps: readonly string[]): FileSet {
  const files = new Map<string, FileEntry>(image.files ?? []);
  const ip = config.hostNetwork ? (hostIps[0] ?? '') : (ips[0] ?? '');
  const aliases = (config.hostAliases ?? []).map(({ ip: address, hostnames = [] }) => `${address}\t${hostnames.join('\t')}\n`);
  files.set('etc/hosts', {
    text:
      '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' +
      `fe00::\tip6-localnet\nfe00::\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${ip}\t${config.hostname}\n` +
      (aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : ''),
  });
  files.set('etc/hostname', { text: `${config.hostname}\n` });
  const { servers, searches, ndots } = config.dns;
  files.set('etc/resolv.conf', {
    text:
      (searches.length > 0 ? `search ${searches.join(' ')}\n` : '') +
      servers.map((server) => `nameserver ${server}\n`).join('') +
      (ndots === 1 ? '' : `options ndots:${ndots}\n`),
  });
  for (const directory of ['bin/', 'dev/', 'etc/', 'home/', 'proc/', 'root/', 'sys/', 'tmp/', 'usr/', 'var/']) {
    if (!files.has(directory)) files.set(directory, { text: '' });
  }
  return files;
}
