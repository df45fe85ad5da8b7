/** Powers of ten and of two that suffixes stand for. */
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** More digits than these are kept as a big number. */
const MAX_DECIMAL_DIGITS = 18;
const MAX_BINARY_DIGITS = 14;
const WORD = 1n << 64n;
const NANO_DIGITS = 9;
const MAX = (1n << 63n) - 1n;

const write = (value: string, scale: number, big: string, text: string, format: string): string =>
  `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} ` +
  `d:(resource.infDecAmount){Dec:(*inf.Dec)${big}} s:(string)${text} Format:(resource.Format)${format}}`;

function bigDecimal(sign: string, value: bigint, format: string): string {
  const capped = value > MAX ? MAX : value;
  const words: bigint[] = [];
  for (let rest = capped * 10n ** BigInt(NANO_DIGITS); rest > 0n; rest /= WORD) words.push(rest % WORD);
  const unscaled = `(big.Int){neg:(bool)${sign === '-'} abs:(big.nat)[${words.join(' ')}]}`;
  return write('0', 0, `{unscaled:${unscaled} scale:(inf.Scale)${NANO_DIGITS}}`, '', format);
}

/**
 * A quantity in its canonical form as Go holds it after reading it: a number with a decimal scale, or a big one beyond
 * 63 bits, and the text where that need not be worked out again (resource.ParseQuantity).
 */
export function dumpQuantity(quantity: string | number): string {
  const text = String(quantity);
  if (text === '0') return write('0', 0, '<nil>', '0', 'DecimalSI');
  const [, sign = '', digits = '', suffix = '', power] = /^([+-]?)(\d+)([a-zA-Z]*?)(?:e(-?\d+))?$/.exec(text) ?? [];
  if (suffix.endsWith('i')) {
    const exponent = BINARY.indexOf(suffix) * 10;
    const value = BigInt(digits) << BigInt(exponent);
    if (digits.length + Math.trunc(exponent * 0.3) > MAX_BINARY_DIGITS) return bigDecimal(sign, value, 'BinarySI');
    return write(sign + value, 0, '<nil>', (BigInt(digits) & 7n) === 0n ? '' : text, 'BinarySI');
  }
  const format = power === undefined ? 'DecimalSI' : 'DecimalExponent';
  const scale = power === undefined ? (DECIMAL.indexOf(suffix) - DECIMAL.indexOf('')) * 3 : Number(power);
  if (digits.length > MAX_DECIMAL_DIGITS) return bigDecimal(sign, BigInt(digits) * 10n ** BigInt(scale), format);
  const canonical = scale % 3 === 0 && !digits.endsWith('000');
  return write(sign + digits, scale, '<nil>', canonical ? text : '', format);
}
