/** Syntax of names, labels and the like, with Kubernetes' messages (k8s.io/apimachinery/pkg/util/validation). */
import type { Random } from '../kernel/index.ts';

const LABEL_FORMAT = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_FORMAT = `${LABEL_FORMAT}(\\.${LABEL_FORMAT})*`;
const UNDERSCORE_LABEL_FORMAT = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORE_SUBDOMAIN_FORMAT = `${UNDERSCORE_LABEL_FORMAT}(\\.${UNDERSCORE_LABEL_FORMAT})*`;
const LABEL_1035_FORMAT = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_NAME_FORMAT = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE_FORMAT = `(${QUALIFIED_NAME_FORMAT})?`;
const CONFIG_KEY_FORMAT = '[-._a-zA-Z0-9]+';
const ENV_NAME_FORMAT = '[-._a-zA-Z][-._a-zA-Z0-9]*';

const anchored = (format: string): RegExp => new RegExp(`^(?:${format})$`);
const LABEL = anchored(LABEL_FORMAT);
const SUBDOMAIN = anchored(SUBDOMAIN_FORMAT);
const UNDERSCORE_SUBDOMAIN = anchored(UNDERSCORE_SUBDOMAIN_FORMAT);
const LABEL_1035 = anchored(LABEL_1035_FORMAT);
const QUALIFIED_NAME = anchored(QUALIFIED_NAME_FORMAT);
const LABEL_VALUE = anchored(LABEL_VALUE_FORMAT);
const CONFIG_KEY = anchored(CONFIG_KEY_FORMAT);

/** `message (e.g. 'a',  or 'b', regex used for validation is '...')` */
export function regexMessage(message: string, format: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return examples.length === 0
    ? `${message} (regex used for validation is '${format}')`
    : `${message} (e.g. ${shown}regex used for validation is '${format}')`;
}

/** Names say characters, labels say bytes: two packages of Kubernetes that never agreed. */
export const maxLength = (max: number): string => `must be no more than ${max} characters`;
const maxBytes = (max: number): string => `must be no more than ${max} bytes`;

const LABEL_MESSAGE = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL_FORMAT,
  'my-name',
  '123-abc',
);
const SUBDOMAIN_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_FORMAT,
  'example.com',
);
const UNDERSCORE_SUBDOMAIN_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  UNDERSCORE_SUBDOMAIN_FORMAT,
  'example.com',
);
const LABEL_1035_MESSAGE = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035_FORMAT,
  'my-name',
  'abc-123',
);
const QUALIFIED_NAME_MESSAGE = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_NAME_FORMAT,
  'MyName',
  'my.name',
  '123-abc',
);
const LABEL_VALUE_MESSAGE = regexMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE_FORMAT,
  'MyValue',
  'my_value',
  '12345',
);

const NONE: string[] = [];

/** RFC 1123 label: what a namespace, container or port name is. */
export function checkDnsLabel(value: string): string[] {
  if (value.length <= 63 && LABEL.test(value)) return NONE;
  const messages: string[] = [];
  if (value.length > 63) messages.push(maxLength(63));
  if (!LABEL.test(value)) messages.push(SUBDOMAIN.test(value) ? 'must not contain dots' : LABEL_MESSAGE);
  return messages;
}

/** RFC 1123 subdomain: what most object names are. */
export function checkDnsSubdomain(value: string): string[] {
  if (value.length <= 253 && SUBDOMAIN.test(value)) return NONE;
  const messages: string[] = [];
  if (value.length > 253) messages.push(maxLength(253));
  if (!SUBDOMAIN.test(value)) messages.push(SUBDOMAIN_MESSAGE);
  return messages;
}

/** As checkDnsSubdomain, where labels may have underscores: domains that a Pod searches. */
export function checkUnderscoreSubdomain(value: string): string[] {
  if (value.length <= 253 && UNDERSCORE_SUBDOMAIN.test(value)) return NONE;
  const messages: string[] = [];
  if (value.length > 253) messages.push(maxLength(253));
  if (!UNDERSCORE_SUBDOMAIN.test(value)) messages.push(UNDERSCORE_SUBDOMAIN_MESSAGE);
  return messages;
}

/** RFC 1035 label: what a Service name is. */
export function checkDns1035Label(value: string): string[] {
  if (value.length <= 63 && LABEL_1035.test(value)) return NONE;
  const messages: string[] = [];
  if (value.length > 63) messages.push(maxLength(63));
  if (!LABEL_1035.test(value)) messages.push(LABEL_1035_MESSAGE);
  return messages;
}

/** Keys of labels, annotations, resources, taints: an optional DNS prefix, a slash, a name. */
export function checkQualifiedName(value: string): string[] {
  const known = qualifiedNames.get(value);
  if (known) return known;
  const messages: string[] = [];
  const parts = value.split('/');
  let name = parts[0]!;
  if (parts.length === 2) {
    const prefix = parts[0]!;
    name = parts[1]!;
    if (prefix.length === 0) messages.push('prefix part must be non-empty');
    else {
      if (prefix.length > 253) messages.push(`prefix part ${maxBytes(253)}`);
      if (!SUBDOMAIN.test(prefix)) messages.push(`prefix part ${SUBDOMAIN_MESSAGE}`);
    }
  } else if (parts.length > 2) {
    return [
      `a valid label key ${QUALIFIED_NAME_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (name.length === 0) messages.push('name part must be non-empty');
  else if (name.length > 63) messages.push(`name part ${maxBytes(63)}`);
  if (!QUALIFIED_NAME.test(name)) messages.push(`name part ${QUALIFIED_NAME_MESSAGE}`);
  if (messages.length === 0 && qualifiedNames.size < 4096) qualifiedNames.set(value, NONE);
  return messages;
}
/** Names found good before: the same few label keys come with every write. */
const qualifiedNames = new Map<string, string[]>();

export function checkLabelValue(value: string): string[] {
  if (value.length <= 63 && LABEL_VALUE.test(value)) return NONE;
  const messages: string[] = [];
  if (value.length > 63) messages.push(maxBytes(63));
  if (!LABEL_VALUE.test(value)) messages.push(LABEL_VALUE_MESSAGE);
  return messages;
}

/** Keys of ConfigMaps and Secrets. */
export function checkConfigMapKey(value: string): string[] {
  const messages: string[] = [];
  if (value.length > 253) messages.push(maxLength(253));
  if (!CONFIG_KEY.test(value))
    messages.push(
      regexMessage(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        CONFIG_KEY_FORMAT,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  else messages.push(...pathSegments(value));
  return messages;
}

/** Names that would leave the directory they are made in. */
function pathSegments(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  if (value.startsWith('..')) return ["must not start with '..'"];
  return NONE;
}

/** Environment variables: any printable ASCII but '='. */
export function checkEnvVarName(value: string): string[] {
  const messages: string[] = [];
  if (value.length === 0) messages.push('environment variable name must be non-empty');
  else if (!/^[ -<>-~]+$/.test(value))
    messages.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  return messages;
}

/** The older, stricter rule for environment variables, still used for prefixes. */
export function checkStrictEnvVarName(value: string): string[] {
  const messages: string[] = [];
  if (!anchored(ENV_NAME_FORMAT).test(value))
    messages.push(
      regexMessage(
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
        ENV_NAME_FORMAT,
        'my.env-name',
        'MY_ENV.NAME',
        'MyEnvName1',
      ),
    );
  messages.push(...pathSegments(value));
  return messages;
}

/** Names of container and service ports where they are IANA service names. */
export function checkPortName(value: string): string[] {
  const messages: string[] = [];
  if (value.length > 15) messages.push(maxLength(15));
  if (!/^[-a-z0-9]+$/.test(value))
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)');
  if (value.includes('--')) messages.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

export const checkPortNumber = (port: number): string[] =>
  port >= 1 && port <= 65535 ? NONE : ['must be between 1 and 65535, inclusive'];

/** A name that is one segment of a URL path (RBAC names and the like). */
export function checkPathSegmentName(value: string, prefix = false): string[] {
  if (!prefix && (value === '.' || value === '..')) return [`may not be '${value}'`];
  const messages: string[] = [];
  for (const illegal of ['/', '%']) if (value.includes(illegal)) messages.push(`may not contain '${illegal}'`);
  return messages;
}

/** As object names are checked when they come from generateName: a trailing '-' will be followed by a suffix. */
export const maskTrailingDash = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters that spell no words (k8s.io/apimachinery/pkg/util/rand). */
export const randomSuffix = (random: Random, length = 5): string => random.string(length, SUFFIX_ALPHABET);

/** What the server makes of metadata.generateName: at most 63 characters. */
export const generateName = (base: string, random: Random): string => base.slice(0, 58) + randomSuffix(random);

const percent = /^[0-9]+%$/;

/** A percentage: digits and '%'. */
export const checkPercent = (value: string): string[] =>
  percent.test(value)
    ? NONE
    : [
        regexMessage(
          "a valid percent string must be a numeric string followed by an ending '%'",
          '[0-9]+%',
          '1%',
          '93%',
        ),
      ];

export const checkHttpHeaderName = (value: string): string[] =>
  /^[-A-Za-z0-9]+$/.test(value)
    ? NONE
    : [
        regexMessage(
          "a valid HTTP header must consist of alphanumeric characters or '-'",
          '[-A-Za-z0-9]+',
          'X-Header-Name',
        ),
      ];
