/** IP addresses and networks (Kubernetes' cel/library/ip.go and cidr.go). */
import { bitsOf, checkCidr, isIPv4, isIPv6 } from '../../ip.ts';
import { quote } from '../../field-error.ts';
import { global, member, type Library } from '../functions.ts';
import { BOOL, INT, opaqueType, STRING } from '../types.ts';
import { Failure, Opaque, type CelValue, type Result } from '../values.ts';

const IP = opaqueType('net.IP');
const CIDR = opaqueType('net.CIDR');

/** The canonical text of an address (RFC 5952). */
function addressText(bits: bigint, width: number): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - i * 16)) & 0xffffn).toString(16));
  const text = groups.join(':');
  const zeros = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].map(([run]) => run);
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const at = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].find(([run]) => run === longest)!.index;
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

class Address extends Opaque {
  readonly typeName = 'net.IP';
  readonly bits: bigint;
  /** 32 or 128. */
  readonly width: number;
  override readonly costSize: number;

  constructor(bits: bigint, width: number) {
    super();
    this.bits = bits;
    this.width = width;
    this.costSize = Math.ceil(width / 8);
  }

  equals(other: CelValue): boolean {
    return other instanceof Address && other.bits === this.bits && other.width === this.width;
  }

  override toString(): string {
    return addressText(this.bits, this.width);
  }

  /** Whether it lies in a network. */
  within(network: string): boolean {
    const [address = '', prefix = ''] = network.split('/');
    if (isIPv4(address) !== (this.width === 32)) return false;
    const shift = BigInt(this.width - Number(prefix));
    return this.bits >> shift === bitsOf(address) >> shift;
  }
}

class Network extends Opaque {
  readonly typeName = 'net.CIDR';
  readonly address: Address;
  readonly prefix: number;
  override readonly costSize: number;

  constructor(address: Address, prefix: number) {
    super();
    this.address = address;
    this.prefix = prefix;
    this.costSize = Math.ceil(prefix / 8);
  }

  equals(other: CelValue): boolean {
    return other instanceof Network && other.address.equals(this.address) && other.prefix === this.prefix;
  }

  override toString(): string {
    return `${this.address}/${this.prefix}`;
  }

  contains({ bits, width }: Address): boolean {
    const shift = BigInt(this.address.width - this.prefix);
    return width === this.address.width && bits >> shift === this.address.bits >> shift;
  }

  masked(): Network {
    const shift = BigInt(this.address.width - this.prefix);
    return new Network(new Address((this.address.bits >> shift) << shift, this.address.width), this.prefix);
  }
}

const MAPPED = 0xffffn;

/** What Go's netip.ParseAddr says of text that is no address. */
function addressError(text: string): string {
  const say = (what: string): string => `ParseAddr(${quote(text)}): ${what}`;
  if (text === '') return say('unable to parse IP');
  if (!text.includes(':')) {
    if (!text.includes('.')) return say('unable to parse IP');
    const parts = text.split('.');
    if (parts.some((part) => /[^\d]/.test(part)))
      return say('unexpected character (at ' + quote(text.slice(text.search(/[^\d.]/))) + ')');
    if (parts.some((part) => part === '')) return say('IPv4 field must have at least one digit');
    if (parts.some((part) => part.length > 1 && part.startsWith('0')))
      return say('IPv4 field has octet with leading zero');
    if (parts.some((part) => Number(part) > 255)) return say('IPv4 field has value >255');
    return say(parts.length > 4 ? 'IPv4 address too long' : 'IPv4 address too short');
  }
  return say('unable to parse IP');
}

function parseAddress(text: string): Address | Failure {
  if (isIPv4(text)) return new Address(bitsOf(text), 32);
  const [address = '', zone] = text.split('%');
  if (!isIPv6(address))
    return new Failure(`IP Address ${quote(text)} parse error during conversion from string: ${addressError(text)}`);
  if (zone !== undefined) return new Failure(`IP address ${quote(text)} with zone value is not allowed`);
  const bits = bitsOf(address);
  if (bits >> 32n === MAPPED) return new Failure(`IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  return new Address(bits, 128);
}

function parseNetwork(text: string): Network | Failure {
  const say = (what: string): Failure =>
    new Failure(`network address parse error during conversion from string: ${what}`);
  const twice = 'network address parse error during conversion from string: ';
  if (!text.includes('/')) return say(`${twice}netip.ParsePrefix(${quote(text)}): no '/'`);
  const at = text.lastIndexOf('/');
  const [address, prefix] = [text.slice(0, at), text.slice(at + 1)];
  const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  if (width === 0) return say(`${twice}netip.ParsePrefix(${quote(text)}): ${addressError(address)}`);
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix))
    return say(`${twice}netip.ParsePrefix(${quote(text)}): bad bits after slash: ${quote(prefix)}`);
  if (checkCidr(text).length > 0) return say(`${twice}netip.ParsePrefix(${quote(text)}): prefix length out of range`);
  if (width === 128 && bitsOf(address) >> 32n === MAPPED)
    return say(`IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  return new Network(new Address(bitsOf(address), width), Number(prefix));
}

const isIP = (text: string): boolean => !(parseAddress(text) instanceof Failure);

function isCanonical(text: string): Result {
  const address = parseAddress(text);
  return address instanceof Failure ? address : String(address) === text;
}

/** Whether an address lies in one of the networks. */
const inOneOf =
  (...networks: readonly string[]) =>
  (address: Address): Result =>
    networks.some((network) => address.within(network));

const SPECIAL = inOneOf(
  '0.0.0.0/32',
  '::/128',
  '127.0.0.0/8',
  '::1/128',
  '224.0.0.0/4',
  'ff00::/8',
  '169.254.0.0/16',
  'fe80::/10',
  '255.255.255.255/32',
);

const containsCidr = (a: Network, b: Network): boolean => a.prefix <= b.prefix && a.contains(b.address);

const withParsed =
  <T extends CelValue>(parse: (text: string) => T | Failure, test: (network: Network, other: T) => boolean) =>
  (network: Network, text: string): Result => {
    const other = parse(text);
    return other instanceof Failure ? other : test(network, other);
  };

export const addresses: Library = [
  [
    'ip',
    global('string_to_ip', [STRING], IP, parseAddress),
    member('cidr_ip', [CIDR], IP, ({ address }: Network) => address),
  ],
  ['family', member('ip_family', [IP], INT, ({ width }: Address) => (width === 32 ? 4n : 6n))],
  ['ip.isCanonical', global('ip_is_canonical', [STRING], BOOL, isCanonical)],
  ['isIP', global('is_ip', [STRING], BOOL, isIP)],
  ['isUnspecified', member('ip_is_unspecified', [IP], BOOL, inOneOf('0.0.0.0/32', '::/128'))],
  ['isLoopback', member('ip_is_loopback', [IP], BOOL, inOneOf('127.0.0.0/8', '::1/128'))],
  ['isLinkLocalMulticast', member('ip_is_link_local_multicast', [IP], BOOL, inOneOf('224.0.0.0/24', 'ff02::/16'))],
  ['isLinkLocalUnicast', member('ip_is_link_local_unicast', [IP], BOOL, inOneOf('169.254.0.0/16', 'fe80::/10'))],
  ['isGlobalUnicast', member('ip_is_global_unicast', [IP], BOOL, (address: Address) => SPECIAL(address) !== true)],
  ['cidr', global('string_to_cidr', [STRING], CIDR, parseNetwork)],
  ['isCIDR', global('is_cidr', [STRING], BOOL, (text: string) => !(parseNetwork(text) instanceof Failure))],
  [
    'containsIP',
    member(
      'cidr_contains_ip_string',
      [CIDR, STRING],
      BOOL,
      withParsed(parseAddress, (a, b) => a.contains(b)),
    ),
    member('cidr_contains_ip_ip', [CIDR, IP], BOOL, (a: Network, b: Address) => a.contains(b)),
  ],
  [
    'containsCIDR',
    member('cidr_contains_cidr_string', [CIDR, STRING], BOOL, withParsed(parseNetwork, containsCidr)),
    member('cidr_contains_cidr', [CIDR, CIDR], BOOL, containsCidr),
  ],
  ['prefixLength', member('cidr_prefix_length', [CIDR], INT, ({ prefix }: Network) => BigInt(prefix))],
  ['masked', member('cidr_masked', [CIDR], CIDR, (network: Network) => network.masked())],
  ['string', global('ip_to_string', [IP], STRING, String), global('cidr_to_string', [CIDR], STRING, String)],
];
