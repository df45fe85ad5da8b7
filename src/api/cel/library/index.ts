import type { Library } from '../functions.ts';
import { addresses } from './addresses.ts';
import { arithmetic } from './arithmetic.ts';
import { authorizers } from './authorizer.ts';
import { collections } from './collections.ts';
import { conversions } from './conversions.ts';
import { lists } from './lists.ts';
import { namedFormats } from './named-formats.ts';
import { optionals } from './optionals.ts';
import { quantities } from './quantities.ts';
import { regularExpressions } from './regular-expressions.ts';
import { semanticVersions } from './semantic-versions.ts';
import { standard } from './standard.ts';
import { strings } from './strings.ts';
import { times } from './times.ts';
import { urls } from './urls.ts';

/** What every expression in Kubernetes 1.36 may use (apiserver/pkg/cel/environment/base.go). */
export const kubernetesLibraries: readonly Library[] = [
  standard,
  arithmetic,
  conversions,
  times,
  optionals,
  strings,
  collections,
  lists,
  regularExpressions,
  urls,
  quantities,
  addresses,
  namedFormats,
  semanticVersions,
  authorizers,
];
