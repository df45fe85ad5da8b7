/** How a Pod looks up names, where it says so itself (validatePodDNSConfig). */
import { invalid, required } from '../field-error.ts';
import { checkIp } from '../ip.ts';
import { checkUnderscoreSubdomain } from '../names.ts';
import type { PodSpec } from '../types.ts';
import { refuse, type Errors } from './common-checks.ts';

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

export function checkDnsConfig({ dnsConfig, dnsPolicy }: PodSpec, path: string, errors: Errors): void {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) {
      errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (!dnsConfig.nameservers?.length) {
      errors.push(required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
      return;
    }
  }
  if (!dnsConfig) return;
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  if (nameservers.length > MAX_NAMESERVERS)
    errors.push(invalid(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`));
  nameservers.forEach((server, i) => refuse(`${path}.nameservers[${i}]`, server, checkIp(server), errors));
  if (searches.length > MAX_SEARCHES)
    errors.push(invalid(`${path}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`));
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS)
    errors.push(
      invalid(
        `${path}.searches`,
        searches,
        `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`,
      ),
    );
  searches.forEach((search, i) => {
    if (search === '.') return;
    const domain = search.replace(/\.$/, '');
    refuse(`${path}.searches[${i}]`, domain, checkUnderscoreSubdomain(domain), errors);
  });
  options.forEach(({ name }, i) => {
    if (!name) errors.push(required(`${path}.options[${i}]`, 'must not be empty'));
  });
}
