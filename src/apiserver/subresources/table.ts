import type { Kind } from '../../api/kind.ts';
import type { Endpoint } from '../endpoint.ts';
import type { TokenAuthority } from '../token-authority.ts';
import { binding } from './binding.ts';
import { eviction } from './eviction.ts';
import { finalize } from './finalize.ts';
import { ephemeralContainers, resize } from './pod-parts.ts';
import { scale } from './scale.ts';
import type { Subresource } from './subresource.ts';
import { token, type Lookup } from './token.ts';

/** Which subresources, beside status, each kind has. */
export class SubresourceTable {
  /** Those of named groups, which came later. */
  readonly #added = new Map<string, readonly Subresource[]>();
  readonly #byResource: Readonly<Record<string, readonly Subresource[]>>;

  constructor(authority: TokenAuthority, lookup: Lookup, budgets: () => Endpoint | undefined) {
    this.#byResource = {
      namespaces: [finalize],
      pods: [binding, ephemeralContainers, eviction(budgets), resize],
      serviceaccounts: [token(authority, lookup)],
    };
  }

  /** Gives a resource one more. */
  add({ group, resource }: Pick<Kind, 'group' | 'resource'>, subresource: Subresource): void {
    const key = `${group}/${resource}`;
    this.#added.set(key, [...(this.#added.get(key) ?? []), subresource]);
  }

  of(kind: Kind): readonly Subresource[] {
    const own =
      kind.group === ''
        ? (this.#byResource[kind.resource] ?? [])
        : (this.#added.get(`${kind.group}/${kind.resource}`) ?? []);
    return kind.scale ? [...own, scale] : own;
  }
}
