/** Numbers and text as Go writes and counts them. */

/** The number of code points: what size() of a string is. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}

/** A double as Go's %g writes it: with an exponent from a million on. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6)
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

const PART = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** Go's time.ParseDuration, in nanoseconds; undefined when it is none. */
export function parseGoDuration(text: string): bigint | undefined {
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return 0n;
  let rest = body;
  let nanoseconds = 0n;
  while (rest !== '') {
    const match = PART.exec(rest);
    if (!match) return undefined;
    const [whole, amount = '', unit = ''] = match;
    const [int = '', fraction = ''] = amount.split('.');
    const size = BigInt(UNITS[unit]!);
    nanoseconds += BigInt(int || '0') * size;
    if (fraction) nanoseconds += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
    rest = rest.slice(whole.length);
  }
  if (body === '' || nanoseconds > 2n ** 63n - 1n) return undefined;
  return sign === '-' ? -nanoseconds : nanoseconds;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/** A moment in RFC 3339, in nanoseconds since 1970; undefined when it is none. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const date = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const ms = Date.parse(`${date}${zone.toUpperCase()}`);
  // A day that the month does not have rolls over.
  if (Number.isNaN(ms) || new Date(Date.parse(`${date}Z`)).toISOString().slice(0, 19) !== date) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
