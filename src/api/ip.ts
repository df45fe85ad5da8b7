/** IP addresses and CIDRs in text. */

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const V4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

export const isIPv4 = (text: string): boolean => V4.test(text);

export function isIPv6(text: string): boolean {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const half of halves) {
    if (half === '') continue;
    const parts = half.split(':');
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (part.includes('.')) {
        if (i !== parts.length - 1 || half !== halves.at(-1) || !isIPv4(part)) return false;
        groups += 2;
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** What is wrong with an IP address. */
export const checkIp = (text: string): string[] =>
  isIPv4(text) || isIPv6(text) ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];

/** What is wrong with a CIDR. */
export function checkCidr(text: string): string[] {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  const good = bits > 0 && rest.length === 0 && /^(0|[1-9]\d*)$/.test(prefix) && Number(prefix) <= bits;
  return good ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
}

/** What is wrong with an address that should lead somewhere. */
export function checkOrdinaryIp(text: string): string[] {
  if (text === '0.0.0.0' || text === '::') return ['may not be unspecified (0.0.0.0 or ::)'];
  if (text.startsWith('127.') || text === '::1') return ['may not be in the loopback range (127.0.0.0/8, ::1/128)'];
  if (text.startsWith('169.254.') || /^fe[89ab]/i.test(text))
    return ['may not be in the link-local range (169.254.0.0/16, fe80::/10)'];
  if (text.startsWith('224.0.0.') || /^ff02/i.test(text))
    return ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'];
  return [];
}

/** The bits of an address, as a number: 32 or 128 of them. */
export function bitsOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((bits, part) => bits * 256n + BigInt(part), 0n);
  const [head = '', tail] = address
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) =>
      [parts.slice(0, 2), parts.slice(2, 4)]
        .map(([high, low]) => (Number(high) * 256 + Number(low)).toString(16))
        .join(':'),
    )
    .split('::');
  const first = head ? head.split(':') : [];
  const last = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? first : [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return groups.reduce((bits, group) => bits * 65536n + BigInt(`0x${group}`), 0n);
}

/** A good CIDR as the number of its network, the length of its prefix, and of an address of its family. */
function rangeOf(cidr: string): { readonly bits: bigint; readonly prefix: number; readonly width: number } {
  const [address = '', prefix = ''] = cidr.split('/');
  return { bits: bitsOf(address), prefix: Number(prefix), width: isIPv4(address) ? 32 : 128 };
}

/** What is wrong with a CIDR that must name the network itself, not an address in it. */
export function checkCanonicalCidr(text: string): string[] {
  const messages = checkCidr(text);
  if (messages.length > 0) return messages;
  const { bits, prefix, width } = rangeOf(text);
  const beyond = (1n << BigInt(width - prefix)) - 1n;
  return (bits & beyond) === 0n ? [] : ['must not have bits set beyond the prefix length'];
}

/** Whether a range lies in another and is smaller. Both must be good. */
export function isInside(inner: string, outer: string): boolean {
  const [small, large] = [rangeOf(inner), rangeOf(outer)];
  if (small.width !== large.width || small.prefix <= large.prefix) return false;
  const shift = BigInt(large.width - large.prefix);
  return small.bits >> shift === large.bits >> shift;
}
