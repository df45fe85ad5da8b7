/** Formats of strings that the schemas of custom resources know (kube-openapi's strfmt). */
import { checkDnsLabel, checkDnsSubdomain } from '../names.ts';

const HOST_LABEL = '[a-zA-Z0-9\\p{S}\\p{L}]';
const HOSTNAME = new RegExp(
  `^(${HOST_LABEL}((-?${HOST_LABEL}{0,62})?)|(${HOST_LABEL}(([a-zA-Z0-9\\p{S}\\p{L}-]{0,61}${HOST_LABEL})?)(\\.))+(${HOST_LABEL})(-?${HOST_LABEL}){1,62})$`,
  'u',
);

const isHostname = (text: string): boolean =>
  text.length <= 255 && text.split('.').every((label) => label.length <= 63) && HOSTNAME.test(text);

const isIPv4 = (text: string): boolean =>
  /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text) && text.split('.').every((part) => Number(part) < 256);

function isIPv6(text: string): boolean {
  const [address = ''] = text.split('%', 1);
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (embedded && !isIPv4(embedded[2]!)) return false;
  const plain = embedded ? `${embedded[1]!}0:0` : address;
  const halves = plain.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

function isCidr(text: string): boolean {
  const [, address = '', bits = ''] = /^(.*)\/(\d{1,3})$/.exec(text) ?? [];
  return bits !== '' && ((isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128));
}

const MAC =
  /^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}|[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\2){6}[0-9a-f]{2}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){3})$/i;

const uuid = (version: string, variant: string): RegExp =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i');

/** Go's url.ParseRequestURI: an absolute path, or a scheme and what follows it. */
const isRequestUri = (text: string): boolean =>
  !/[\u0000- \u007f]/.test(text) && !/%(?![0-9a-fA-F]{2})/.test(text) && /^(?:\/|[a-zA-Z][a-zA-Z0-9+.-]*:.)/.test(text);

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+";
const ADDRESS = `(?:${ATOM}(?:\\.${ATOM})*|"(?:[^"\\\\]|\\\\.)*")@(?:${ATOM}(?:\\.${ATOM})*|\\[[^\\]]*\\])`;
const EMAIL = new RegExp(`^(?:${ADDRESS}|(?:[^<>@,;:]*)<${ADDRESS}>)$`);

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce((total, digit, i) => total + (10 - i) * (digit === 'X' ? 10 : Number(digit)), 0);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  return (
    /^\d{13}$/.test(digits) && [...digits].reduce((total, digit, i) => total + (i % 2 ? 3 : 1) * +digit, 0) % 10 === 0
  );
}

const CARD =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}|6[27]\d{14})$/;

function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D+/g, '');
  if (!CARD.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) return false;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = month === '02' && leap ? 29 : (DAYS[Number(month) - 1] ?? 0);
  return Number(day) >= 1 && Number(day) <= days;
}

const DATE_TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/;

function isDateTime(text: string): boolean {
  const [date = '', time, ...more] = text.toLowerCase().split('t');
  if (time === undefined || more.length > 0 || !isDate(date)) return false;
  const [, hours, minutes, seconds] = DATE_TIME.exec(time) ?? [];
  return hours !== undefined && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
}

const DURATION_UNITS = 'ns|us|µs|μs|ms|s|m|h|d|w';
/** Go's durations, and amounts with units as words: `1 day`, `30 min`. */
const isDuration = (text: string): boolean =>
  new RegExp(`^[+-]?(?:0|(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:${DURATION_UNITS.replace('|d|w', '')}))+)$`).test(text) ||
  /^(?:\d+\s*(?:nanosecs?|nanos?|nanoseconds?|ns|micros?|microsecs?|microseconds?|us|µs|millis?|millisecs?|milliseconds?|ms|secs?|seconds?|s|mins?|minutes?|m|hours?|hrs?|hr|h|days?|d|weeks?|wks?|wk|w)\s*)+$/i.test(
    text,
  );

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: (text) => EMAIL.test(text.trim()),
  hostname: isHostname,
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: (text) => MAC.test(text),
  uuid: (text) => uuid('[0-9a-f]', '[0-9a-f]').test(text),
  uuid3: (text) => uuid('3', '[0-9a-f]').test(text),
  uuid4: (text) => uuid('4', '[89ab]').test(text),
  uuid5: (text) => uuid('5', '[89ab]').test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => {
    const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text)?.slice(1);
    return parts?.every((part) => /^(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])$/.test(part)) ?? false;
  },
  byte: (text) => BASE64.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  'k8s-short-name': (text) => checkDnsLabel(text).length === 0,
  'k8s-long-name': (text) => checkDnsSubdomain(text).length === 0,
};

/** `date-time` and `datetime` are one format. */
const normal = (format: string): string => format.replaceAll('-', '');

const byNormalName = new Map(Object.entries(FORMATS).map(([name, check]) => [normal(name), check]));

/** Whether strings are checked against a format; others are ignored. */
export const isKnownFormat = (format: string): boolean => byNormalName.has(normal(format));

/** Whether a string has a format; any has one that is not known. */
export const hasFormat = (text: string, format: string): boolean => byNormalName.get(normal(format))?.(text) ?? true;
