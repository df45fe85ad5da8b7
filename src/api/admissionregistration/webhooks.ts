/** What the webhooks of both sorts have in common. */
import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { fillIn, mapShared } from '../draft.ts';
import { duplicate, invalid, notSupported, required } from '../field-error.ts';
import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { checkDns1035Label, checkDnsSubdomain } from '../names.ts';
import { checkLabelSelector } from '../selector.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { MutatingWebhookConfiguration } from '../types.ts';
import {
  checkMatchConditions,
  checkRule,
  FAILURE_POLICIES,
  MATCH_POLICIES,
  rulesWithScope,
  type Rule,
} from './matching.ts';

/** A webhook of either sort; only those that mutate have a reinvocation policy. */
export type Webhook = NonNullable<MutatingWebhookConfiguration['webhooks']>[number];

interface Configuration extends KubeObject {
  webhooks?: Webhook[];
}

export function webhooksWithDefaults(webhooks: Webhook[], mutating: boolean): Webhook[] {
  return mapShared(webhooks, (webhook) => {
    let out = fillIn(webhook, {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      ...(mutating ? { reinvocationPolicy: 'Never' as const } : {}),
    });
    if (out.rules) out = { ...out, rules: rulesWithScope(out.rules) };
    const { service } = out.clientConfig ?? {};
    if (service && service.port === undefined)
      out = { ...out, clientConfig: { ...out.clientConfig, service: { ...service, port: 443 } } };
    return out;
  });
}

const URL_FORM = '; desired format: https://host[/path]';

/** Where a webhook is, by URL. */
export function checkWebhookUrl(text: string, path: string, errors: Errors): void {
  const [, scheme = '', authority = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?/.exec(text) ?? [];
  if (scheme !== 'https') errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${URL_FORM}`));
  if (!authority.replace(/^.*@/, '')) errors.push(invalid(path, '', `host must be specified${URL_FORM}`));
  if (authority.includes('@'))
    errors.push(invalid(path, authority.replace(/@.*$/, ''), 'user information is not permitted in the URL'));
  const fragment = /#(.*)$/.exec(text)?.[1];
  if (fragment) errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  const query = /\?([^#]*)/.exec(text)?.[1];
  if (query) errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
}

/** Where a webhook is, by Service. */
export function checkWebhookService(
  service: { name?: string; namespace?: string; path?: string; port?: number },
  path: string,
  errors: Errors,
): void {
  const { name, namespace, port, path: urlPath } = service;
  if (!name) errors.push(required(`${path}.name`, 'service name is required'));
  if (!namespace) errors.push(required(`${path}.namespace`, 'service namespace is required'));
  if (port !== undefined && (port < 1 || port > 65535))
    errors.push(invalid(`${path}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'));
  if (urlPath === undefined || urlPath === '/') return;
  const at = `${path}.path`;
  if (urlPath === '') errors.push(invalid(at, urlPath, 'must be a valid URL path'));
  else if (!urlPath.startsWith('/')) errors.push(invalid(at, urlPath, "must start with a '/'"));
  const steps = urlPath.slice(1).split('/');
  if (steps.at(-1) === '') steps.pop();
  steps.forEach((step, i) => {
    if (step === '') errors.push(invalid(at, urlPath, `segment[${i}] may not be empty`));
    else for (const message of checkDnsSubdomain(step)) errors.push(invalid(at, urlPath, `segment[${i}]: ${message}`));
  });
}

function checkWebhookName(name: string, path: string, errors: Errors): void {
  if (!name) {
    errors.push(required(path));
    return;
  }
  const messages = checkDnsSubdomain(name);
  if (messages.length > 0) errors.push(invalid(path, name, messages.join(',')));
  else if (name.split('.').length < 3)
    errors.push(invalid(path, name, 'should be a domain with at least three segments separated by dots'));
}

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function checkReviewVersions(versions: readonly string[], path: string, errors: Errors): void {
  if (versions.length === 0) {
    errors.push(required(path, `must specify one of ${REVIEW_VERSIONS.join(', ')}`));
    return;
  }
  let known = false;
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) {
      errors.push(invalid(`${path}[${i}]`, version, 'duplicate version'));
      return;
    }
    refuse(`${path}[${i}]`, version, checkDns1035Label(version), errors);
    known ||= REVIEW_VERSIONS.includes(version);
  });
  if (!known) errors.push(invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
}

const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];

function checkWebhook(webhook: Webhook, path: string, errors: Errors): void {
  checkWebhookName(webhook.name, `${path}.name`, errors);
  webhook.rules?.forEach((rule, i) => checkRule(rule as Rule, `${path}.rules[${i}]`, errors));
  checkOneOf(webhook.failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`, errors, true);
  checkOneOf(webhook.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, errors, true);
  const { sideEffects, timeoutSeconds, clientConfig = {} } = webhook;
  if (!sideEffects) errors.push(required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`));
  else if (!SIDE_EFFECTS.includes(sideEffects))
    errors.push(notSupported(`${path}.sideEffects`, sideEffects, SIDE_EFFECTS));
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > 30))
    errors.push(
      invalid(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'),
    );
  errors.push(...checkLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`));
  errors.push(...checkLabelSelector(webhook.objectSelector, `${path}.objectSelector`));
  checkOneOf(webhook.reinvocationPolicy, ['IfNeeded', 'Never'], `${path}.reinvocationPolicy`, errors, true);
  const at = `${path}.clientConfig`;
  if ((clientConfig.url === undefined) === (clientConfig.service === undefined))
    errors.push(required(at, 'exactly one of url or service is required'));
  else if (clientConfig.url !== undefined) checkWebhookUrl(clientConfig.url, `${at}.url`, errors);
  else checkWebhookService(clientConfig.service!, `${at}.service`, errors);
  checkMatchConditions(webhook.matchConditions, false, `${path}.matchConditions`, errors);
  checkReviewVersions(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`, errors);
}

export function checkWebhooks(webhooks: readonly Webhook[] | undefined): Errors {
  const errors: Errors = [];
  const names = new Set<string>();
  webhooks?.forEach((webhook, i) => {
    checkWebhook(webhook, `webhooks[${i}]`, errors);
    if (webhook.name && names.has(webhook.name)) errors.push(duplicate(`webhooks[${i}].name`, webhook.name));
    names.add(webhook.name);
  });
  return errors;
}

export const webhookColumns: readonly Column<Configuration>[] = [
  nameColumn,
  column('Webhooks', ({ webhooks }) => webhooks?.length ?? 0, 0, 'integer'),
  ageColumn,
];
