/** Formats of text with names (Kubernetes' cel/library/format.go). */
import {
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
  maskTrailingDash,
} from '../../names.ts';
import { global, member, type Library } from '../functions.ts';
import { parseTimestamp } from '../text.ts';
import { listType, opaqueType, optionalType, STRING } from '../types.ts';
import { ArrayList, NONE, Opaque, Optional, type CelValue, type Result } from '../values.ts';
import { wrongUrl } from './urls.ts';

const NAME = 'kubernetes.NamedFormat';
const FORMAT = opaqueType(NAME);

type Check = (text: string) => string[];

class Format extends Opaque {
  readonly typeName = NAME;
  readonly check: Check;

  constructor(check: Check) {
    super();
    this.check = check;
  }

  equals(other: CelValue): boolean {
    return other === this;
  }
}

const prefix =
  (check: Check): Check =>
  (text) =>
    check(maskTrailingDash(text));

const unless =
  (good: (text: string) => boolean, message: string): Check =>
  (text) =>
    good(text) ? [] : [message];

const CHECKS: Readonly<Record<string, Check>> = {
  dns1123Label: checkDnsLabel,
  dns1123Subdomain: checkDnsSubdomain,
  dns1035Label: checkDns1035Label,
  qualifiedName: checkQualifiedName,
  dns1123LabelPrefix: prefix(checkDnsLabel),
  dns1123SubdomainPrefix: prefix(checkDnsSubdomain),
  dns1035LabelPrefix: prefix(checkDns1035Label),
  labelValue: checkLabelValue,
  uri: (text) => [wrongUrl(text)].filter((wrong) => wrong !== undefined),
  uuid: unless(
    (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
    'does not match the UUID format',
  ),
  byte: unless(
    (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
    'invalid base64',
  ),
  date: unless((text) => parseTimestamp(`${text}T00:00:00Z`) !== undefined, 'invalid date'),
  datetime: unless((text) => parseTimestamp(text) !== undefined, 'invalid datetime'),
};

const FORMATS = new Map(Object.entries(CHECKS).map(([name, check]) => [name, new Format(check)]));

function validate({ check }: Format, text: string): Result {
  const messages = check(text);
  return messages.length === 0 ? NONE : new Optional(new ArrayList([...messages]));
}

export const namedFormats: Library = [
  ['validate', member('format-validate', [FORMAT, STRING], optionalType(listType(STRING)), validate)],
  [
    'format.named',
    global('format-named', [STRING], optionalType(FORMAT), (name: string) => new Optional(FORMATS.get(name))),
  ],
  ...[...FORMATS].map(
    ([name, format]) => [`format.${name}`, global(`format.${name}`, [], FORMAT, () => format)] as const,
  ),
];
