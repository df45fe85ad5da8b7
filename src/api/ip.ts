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

/** Octets with zeros before them, which some read as octal: understood in order to be refused. */
const withoutZeros = (text: string): string =>
  text.replace(/(^|[.:])(\d+(?:\.\d+){3})$/, (_, before: string, octets: string) => {
    const plain = octets.split('.').map((octet) => octet.replace(/^0+(?=\d)/, ''));
    return before + plain.join('.');
  });

const isAddress = (text: string): boolean => isIPv4(text) || isIPv6(text);

const MAPPED = 0xffffn;

/** `::ffff:1.2.3.4`: IPv4 in the clothes of IPv6. */
const isMapped = (text: string): boolean => isIPv6(text) && bitsOf(text) >> 32n === MAPPED;

/** What is wrong with an IP address (IsValidIPForLegacyField, with StrictIPCIDRValidation). */
export function checkIp(text: string): string[] {
  if (isAddress(text)) return isMapped(text) ? ['must not be an IPv4-mapped IPv6 address'] : [];
  if (isAddress(withoutZeros(text))) return ['must not have leading 0s'];
  return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
}

/** An address as RFC 5952 writes it. Must be good. */
export function canonicalIp(text: string): string {
  if (isIPv4(text)) return text;
  const bits = bitsOf(text);
  if (bits >> 32n === MAPPED) return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  // The longest run of zeros, the first of several, of two at least.
  let [from, length] = [0, 1];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === '0') end++;
    if (end - i > length) [from, length] = [i, end - i];
    if (end > i) i = end;
  }
  return length < 2 ? groups.join(':') : `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`;
}

/** The warning for an address that is written in an unusual way (GetWarningsForIP). */
export function ipWarnings(path: string, text: string): string[] {
  if (!isIPv6(text)) return [];
  const canonical = canonicalIp(text);
  return text === canonical
    ? []
    : [`${path}: IPv6 address "${text}" should be in RFC 5952 canonical format ("${canonical}")`];
}

/** As ipWarnings, for a CIDR. */
export function cidrWarnings(path: string, text: string): string[] {
  const [address = '', prefix = ''] = text.split('/');
  if (!isIPv6(address)) return [];
  const canonical = `${canonicalIp(address)}/${prefix}`;
  return text === canonical
    ? []
    : [`${path}: IPv6 CIDR value "${text}" should be in RFC 5952 canonical format ("${canonical}")`];
}

/** What is wrong with a CIDR. */
export function checkCidr(text: string): string[] {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  const good = bits > 0 && rest.length === 0 && /^(0|[1-9]\d*)$/.test(prefix) && Number(prefix) <= bits;
  return good ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
}

/** What is wrong with an address that should lead somewhere. */
export function checkOrdinaryIp(text: string): string[] {
  if (!isAddress(text)) return ['must be a valid IP address'];
  const ip = canonicalIp(text);
  if (ip === '0.0.0.0' || ip === '::') return [`may not be unspecified (${text})`];
  if (ip.startsWith('127.') || ip === '::1') return ['may not be in the loopback range (127.0.0.0/8, ::1/128)'];
  if (ip.startsWith('169.254.') || /^fe[89ab]/.test(ip))
    return ['may not be in the link-local range (169.254.0.0/16, fe80::/10)'];
  if (ip.startsWith('224.0.0.') || /^ff[0-9a-f]2:/.test(ip))
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

/** What is wrong with a CIDR that must name the network itself, not an address in it (IsValidCIDRForLegacyField). */
export function checkCanonicalCidr(text: string): string[] {
  const messages = checkCidr(text);
  if (messages.length > 0) {
    const [address = '', size = ''] = text.split('/');
    const plain = checkCidr(text.replace(address, withoutZeros(address)).replace(/\/0+(?=\d)/, '/'));
    return plain.length === 0 && size !== '' ? ['must not have leading 0s in IP or prefix length'] : messages;
  }
  if (isMapped(text.slice(0, text.indexOf('/')))) return ['must not have an IPv4-mapped IPv6 address'];
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
