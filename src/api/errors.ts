/** The API's refusals, worded as Kubernetes words them (k8s.io/apimachinery/pkg/api/errors). */
import { quote } from './field-error.ts';
import { groupResource, type FieldError } from './kind.ts';
import { ApiError, type StatusDetails } from './status.ts';

/** What an error names: a kind, or a bare group and resource. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

const details = (of: ResourceName, name?: string): StatusDetails => ({
  ...(name ? { name } : {}),
  ...(of.group ? { group: of.group } : {}),
  kind: of.resource,
});

export const notFound = (of: ResourceName, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${groupResource(of)} ${quote(name)} not found`, details(of, name));

export const alreadyExists = (of: ResourceName, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${groupResource(of)} ${quote(name)} already exists`, details(of, name));

export const conflict = (of: ResourceName, name: string, message: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(of)} ${quote(name)}: ${message}`,
    details(of, name),
  );

/** The message of a conflict by resourceVersion. */
export const OPTIMISTIC_LOCK =
  'the object has been modified; please apply your changes to the latest version and try again';

export const forbidden = (of: ResourceName, name: string, message: string): ApiError =>
  new ApiError(
    403,
    'Forbidden',
    name
      ? `${groupResource(of)} ${quote(name)} is forbidden: ${message}`
      : `${groupResource(of)} is forbidden: ${message}`,
    details(of, name),
  );

/** 422: the object is well-formed, yet its values are refused. */
export function invalid(
  of: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = errors.map((error) => `${error.field}: ${error.detail}`);
  const unique = [...new Set(texts)];
  const list = unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`;
  return new ApiError(
    422,
    'Invalid',
    `${of.kind}${of.group ? `.${of.group}` : ''} ${quote(name)} is invalid${unique.length > 0 ? `: ${list}` : ''}`,
    {
      name,
      ...(of.group ? { group: of.group } : {}),
      kind: of.kind,
      causes: errors.map((error) => ({ reason: error.type, message: error.detail, field: error.field })),
    },
  );
}

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

export const unauthorized = (message = 'Unauthorized'): ApiError => new ApiError(401, 'Unauthorized', message);

/** 410: the resourceVersion or continue token is older than what is kept. */
export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message);

/** 410 of a watch whose resourceVersion is no longer kept. */
export const gone = (message: string): ApiError => new ApiError(410, 'Gone', message);

export const methodNotSupported = (of: ResourceName, action: string): ApiError =>
  new ApiError(
    405,
    'MethodNotAllowed',
    `${action} is not supported on resources of kind ${quote(groupResource(of))}`,
    details(of),
  );

/** 405 for a path that exists with other methods, or not at all within a group that does. */
export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const unsupportedMediaType = (message: string): ApiError => new ApiError(415, 'UnsupportedMediaType', message);

export const notAcceptable = (message: string): ApiError => new ApiError(406, 'NotAcceptable', message);

export const tooManyRequests = (message: string, retryAfterSeconds: number): ApiError =>
  new ApiError(429, 'TooManyRequests', message, retryAfterSeconds > 0 ? { retryAfterSeconds } : undefined);

export const serverTimeout = (of: ResourceName, operation: string, retryAfterSeconds: number): ApiError =>
  new ApiError(
    500,
    'ServerTimeout',
    `The ${operation} operation against ${groupResource(of)} could not be completed at this time, please try again.`,
    {
      ...(of.group ? { group: of.group } : {}),
      kind: of.resource,
      ...(operation ? { name: operation } : {}),
      retryAfterSeconds,
    },
  );

export const requestEntityTooLarge = (message: string): ApiError => new ApiError(413, 'RequestEntityTooLarge', message);

/** 404 for a path that serves nothing. */
export const unknownPath = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

export const internalError = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
