import type { Library } from '../functions.ts';
import { arithmetic } from './arithmetic.ts';
import { conversions } from './conversions.ts';
import { optionals } from './optionals.ts';
import { standard } from './standard.ts';

/** What every expression in Kubernetes 1.36 may use (apiserver/pkg/cel/environment/base.go). */
export const kubernetesLibraries: readonly Library[] = [standard, arithmetic, conversions, optionals];
