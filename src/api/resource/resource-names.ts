/** The names of drivers, pools, devices and what is said of devices. */
import { refuse, type Errors } from '../core/common-checks.ts';
import { invalid, required, tooLong } from '../field-error.ts';
import { checkDnsSubdomain, regexMessage } from '../names.ts';
import { checkDriverName } from '../storage/driver-name.ts';

const MAX_POOL = 253;
const MAX_ID = 32;
const MAX_DOMAIN = 63;

const IDENTIFIER_FORMAT = '[A-Za-z_][A-Za-z0-9_]*';
const IDENTIFIER = new RegExp(`^${IDENTIFIER_FORMAT}$`);
const IDENTIFIER_MESSAGE = regexMessage(
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  IDENTIFIER_FORMAT,
  'my_name',
  'MY_NAME',
  'MyName',
);

export function checkPoolName(name: string | undefined, path: string, errors: Errors): void {
  if (!name) {
    errors.push(required(path));
    return;
  }
  if (name.length > MAX_POOL) errors.push(tooLong(path, MAX_POOL));
  for (const part of name.split('/')) refuse(path, part, checkDnsSubdomain(part), errors);
}

function checkIdentifier(id: string, path: string, errors: Errors): void {
  if (id.length > MAX_ID) errors.push(tooLong(path, MAX_ID));
  if (!IDENTIFIER.test(id)) errors.push(invalid(path, id, IDENTIFIER_MESSAGE));
}

/** `name`, or `domain/name`: how attributes and capacities are called. */
export function checkDeviceFieldName(name: string, path: string, errors: Errors): void {
  const [first = '', second, ...more] = name.split('/');
  if (second === undefined) checkIdentifier(first, path, errors);
  else if (more.length === 0) {
    if (first) checkDriverName(first, path, errors);
    else errors.push(invalid(path, '', 'the domain must not be empty'));
    if (second) checkIdentifier(second, path, errors);
    else errors.push(invalid(path, '', 'the name must not be empty'));
  }
}

/** `domain/name`. */
export function checkFullFieldName(name: string, path: string, errors: Errors): void {
  checkDeviceFieldName(name, path, errors);
  if (!name.includes('/'))
    errors.push(invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash'));
}

/** A key as paths show it, with its middle left out when it is longer than a name may be. */
export function shownKey(key: string): string {
  const max = MAX_DOMAIN + 1 + MAX_ID;
  if (key.length <= max) return key;
  const kept = max - '...'.length;
  return `${key.slice(0, Math.ceil(kept / 2))}...${key.slice(key.length - Math.floor(kept / 2))}`;
}
