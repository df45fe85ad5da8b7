import type { Task } from '../task.ts';
import type { Process } from './process.ts';

/** What a lookup of a name gave. `server` is who answered. */
export type Resolution =
  | { readonly addresses: readonly string[]; readonly name: string; readonly server: string }
  | { readonly problem: 'not-found' | 'try-again'; readonly name: string; readonly server: string };

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const QUERY_TIMEOUT_MS = 5000;

export const isAddress = (text: string): boolean => IPV4.test(text);

/** Names to ask for, in order, by the rules of resolv.conf: fewer dots than ndots means the search path first. */
export function candidates(name: string, searches: readonly string[], ndots: number): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = searches.map((search) => `${name}.${search}`);
  return name.split('.').length - 1 >= ndots ? [name, ...searched] : [...searched, name];
}

/** The addresses of a name as a C library finds them: /etc/hosts, then the name servers along the search path. */
export function* resolve(process: Process, name: string): Task<Resolution> {
  const { machine } = process;
  const { dns } = machine;
  const [server = '127.0.0.1'] = dns.servers;
  if (isAddress(name)) return { addresses: [name], name, server };
  const local = machine.hostAddress(name.replace(/\.$/, ''));
  if (local) return { addresses: [local], name, server };
  if (dns.servers.length === 0) return { problem: 'try-again', name, server };
  for (const candidate of candidates(name.toLowerCase(), dns.searches, dns.ndots)) {
    const outcome = yield* process.query(server, { name: candidate, type: 'A' }, QUERY_TIMEOUT_MS);
    if (!('value' in outcome)) return { problem: 'try-again', name: candidate, server };
    const { code, records } = outcome.value;
    if (code === 'NOERROR' && records.length > 0) return { addresses: records, name: candidate, server };
  }
  return { problem: 'not-found', name, server };
}
