import { refuse, type Errors } from '../core/common-checks.ts';
import { required, tooLong } from '../field-error.ts';
import { checkDnsSubdomain } from '../names.ts';

const MAX_NAME = 63;

/** The name of a CSI driver: a domain, capitals allowed. */
export function checkDriverName(name: string | undefined, path: string, errors: Errors): void {
  if (!name) {
    errors.push(required(path));
    return;
  }
  if (name.length > MAX_NAME) errors.push(tooLong(path, MAX_NAME));
  refuse(path, name, checkDnsSubdomain(name.toLowerCase()), errors);
}
