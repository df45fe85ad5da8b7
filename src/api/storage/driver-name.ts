import { refuse, type Errors } from '../core/common-checks.ts';
import { required, tooLong } from '../field-error.ts';
import { checkDnsSubdomain, checkQualifiedName } from '../names.ts';

const MAX_NAME = 63;

/** What provisions volumes: a qualified name, whatever its capitals. */
export function checkProvisioner(name: string | undefined, path: string, errors: Errors): void {
  if (!name) errors.push(required(path));
  else refuse(path, name.toLowerCase(), checkQualifiedName(name.toLowerCase()), errors);
}

/** The name of a CSI driver: a domain, capitals allowed. */
export function checkDriverName(name = '', path: string, errors: Errors): void {
  if (!name) errors.push(required(path));
  if (name.length > MAX_NAME) errors.push(tooLong(path, MAX_NAME));
  refuse(path, name, checkDnsSubdomain(name.toLowerCase()), errors);
}
