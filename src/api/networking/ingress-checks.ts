/** Validation of Ingresses, in Kubernetes' order. */
import { checkOneOf, checkSegment, refuse, type Errors } from '../core/common-checks.ts';
import { invalid, required } from '../field-error.ts';
import { isIPv4, isIPv6 } from '../ip.ts';
import type { FieldError } from '../kind.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber, regexMessage } from '../names.ts';
import type { Ingress } from '../types.ts';

type Spec = Ingress['spec'];
type Backend = NonNullable<Spec['defaultBackend']>;
type Path = NonNullable<NonNullable<NonNullable<Spec['rules']>[number]['http']>['paths']>[number];

const WILDCARD_FORMAT = '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const WILDCARD = new RegExp(`^${WILDCARD_FORMAT}$`);
const WILDCARD_MESSAGE = regexMessage(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  WILDCARD_FORMAT,
  '*.example.com',
);

const hostMessages = (host: string): string[] =>
  host.includes('*') ? (WILDCARD.test(host) ? [] : [WILDCARD_MESSAGE]) : checkDnsSubdomain(host);

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const FORBIDDEN_PARTS = ['//', '/./', '/../', '%2f', '%2F'];
const FORBIDDEN_ENDS = ['/..', '/.'];

function checkPath({ path = '', pathType, backend }: Path, at: string, errors: Errors): void {
  if (pathType === undefined) {
    errors.push(required(`${at}.pathType`, 'pathType must be specified'));
    return;
  }
  if (!PATH_TYPES.includes(pathType)) checkOneOf(pathType, PATH_TYPES, `${at}.pathType`, errors);
  else {
    const any = pathType === 'ImplementationSpecific';
    if (!path.startsWith('/') && !(any && path === ''))
      errors.push(invalid(`${at}.path`, path, 'must be an absolute path'));
    if (!any) {
      for (const part of FORBIDDEN_PARTS)
        if (path.includes(part)) errors.push(invalid(`${at}.path`, path, `must not contain '${part}'`));
      for (const end of FORBIDDEN_ENDS)
        if (path.endsWith(end)) errors.push(invalid(`${at}.path`, path, `cannot end with '${end}'`));
    }
  }
  checkBackend(backend ?? {}, `${at}.backend`, errors);
}

function checkBackend({ service, resource }: Backend, path: string, errors: Errors): void {
  if (service && resource) errors.push(invalid(path, '', 'cannot set both resource and service backends'));
  else if (resource) {
    if (resource.apiGroup)
      refuse(`${path}.resource.apiGroup`, resource.apiGroup, checkDnsSubdomain(resource.apiGroup), errors);
    checkSegment(resource.kind, `${path}.resource.kind`, errors);
    checkSegment(resource.name, `${path}.resource.name`, errors);
  } else if (service) {
    if (!service.name) errors.push(required(`${path}.service.name`));
    else refuse(`${path}.service.name`, service.name, checkDnsLabel(service.name), errors);
    const { name, number } = service.port ?? {};
    if (name && number) errors.push(invalid(path, '', 'cannot set both port name & port number'));
    else if (name) refuse(`${path}.service.port.name`, name, checkPortName(name), errors);
    else if (number) refuse(`${path}.service.port.number`, number, checkPortNumber(number), errors);
    else errors.push(required(path, 'port name or number is required'));
  } else errors.push(invalid(path, '', 'resource or service backend is required'));
}

export function checkIngress({ spec }: Ingress): FieldError[] {
  const errors: Errors = [];
  const { rules, defaultBackend, tls, ingressClassName } = spec;
  if (!rules?.length && !defaultBackend)
    errors.push(invalid('spec', rules, 'either `defaultBackend` or `rules` must be specified'));
  if (defaultBackend) checkBackend(defaultBackend, 'spec.defaultBackend', errors);
  rules?.forEach(({ host, http }, i) => {
    const path = `spec.rules[${i}]`;
    if (host) {
      if (isIPv4(host) || isIPv6(host))
        errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
      refuse(`${path}.host`, host, hostMessages(host), errors);
    }
    if (!http) return;
    if (!http.paths?.length) errors.push(required(`${path}.http.paths`));
    http.paths?.forEach((each, j) => checkPath(each, `${path}.http.paths[${j}]`, errors));
  });
  tls?.forEach(({ hosts, secretName }, i) => {
    const path = `spec.tls[${i}]`;
    hosts?.forEach((host, j) => refuse(`${path}.hosts[${j}]`, host, hostMessages(host), errors));
    if (secretName) refuse(`${path}.secretName`, secretName, checkDnsSubdomain(secretName), errors);
  });
  if (ingressClassName !== undefined)
    refuse('spec.ingressClassName', ingressClassName, checkDnsSubdomain(ingressClassName), errors);
  return errors;
}

/** Where the class was named before there was a field for it. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export function checkNewIngress(ingress: Ingress): FieldError[] {
  const errors = checkIngress(ingress);
  const annotated = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const { ingressClassName } = ingress.spec;
  if (annotated !== undefined && ingressClassName !== undefined && annotated !== ingressClassName)
    errors.push(
      invalid(`annotations.${CLASS_ANNOTATION}`, annotated, 'must match `ingressClassName` when both are specified'),
    );
  return errors;
}

export function checkIngressStatus({ status }: Ingress): FieldError[] {
  const errors: Errors = [];
  status?.loadBalancer?.ingress?.forEach(({ ip, hostname }, i) => {
    const path = `status.loadBalancer.ingress[${i}]`;
    if (ip && !isIPv4(ip) && !isIPv6(ip))
      errors.push(invalid(`${path}.ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
    if (!hostname) return;
    refuse(`${path}.hostname`, hostname, checkDnsSubdomain(hostname), errors);
    if (isIPv4(hostname) || isIPv6(hostname))
      errors.push(invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  });
  return errors;
}
