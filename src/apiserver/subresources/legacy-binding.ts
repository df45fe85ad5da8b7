import { badRequest } from '../../api/errors.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Registry } from '../registry/registry.ts';
import type { Scope } from '../registry/scope.ts';
import type { ApiResponse } from '../request.ts';
import { binding } from './binding.ts';

/** POST to `bindings`: the same as to `pods/NAME/binding`, older, with the name in the body alone. */
export function createLegacyBinding(registry: Registry, scope: Scope, pods: Endpoint): ApiResponse {
  const { request } = scope;
  const name = (request.body as { metadata?: { name?: unknown } } | undefined)?.metadata?.name;
  if (typeof name !== 'string' || name === '') throw badRequest('name is required');
  return binding.serve(registry, {
    ...scope,
    endpoint: pods,
    request: { ...request, resource: 'pods', subresource: 'binding', name },
  });
}
