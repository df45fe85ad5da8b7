/** The CEL of admission: what expressions in policies and webhook configurations see (apiserver's admission/plugin/cel). */
import {
  AUTHORIZER,
  BOOL,
  CelEnvironment,
  CelSyntaxError,
  DYN,
  INT,
  listType,
  mapType,
  objectType,
  RESOURCE_CHECK,
  STRING,
  TIMESTAMP,
  typeString,
  type CelType,
  type Program,
} from '../cel/index.ts';
import { sameType } from '../cel/types.ts';
import { jsonPatchLibrary, patchTypes } from './patch-types.ts';

const GROUP_VERSION_KIND = objectType('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const GROUP_VERSION_RESOURCE = objectType('kubernetes.GroupVersionResource', {
  group: STRING,
  version: STRING,
  resource: STRING,
});
const USER_INFO = objectType('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: listType(STRING),
  extra: mapType(STRING, listType(STRING)),
});
const REQUEST = objectType('kubernetes.AdmissionRequest', {
  kind: GROUP_VERSION_KIND,
  resource: GROUP_VERSION_RESOURCE,
  subResource: STRING,
  requestKind: GROUP_VERSION_KIND,
  requestResource: GROUP_VERSION_RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER_INFO,
  dryRun: BOOL,
  options: DYN,
});

const NAMESPACE = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: mapType(STRING, STRING),
    annotations: mapType(STRING, STRING),
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: listType(STRING),
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listType(STRING) }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: listType(
      objectType('kubernetes.NamespaceCondition', {
        status: STRING,
        type: STRING,
        lastTransitionTime: TIMESTAMP,
        message: STRING,
        reason: STRING,
      }),
    ),
    phase: STRING,
  }),
});

/** What an expression may use beside the object and the request. */
export interface Sight {
  readonly params?: boolean;
  readonly authorizer?: boolean;
  /** The types to make patches of. */
  readonly patches?: boolean;
}

/** Whether the expressions of a policy may say `variables`. */
export const hasVariables = ({ variables }: { readonly variables?: readonly unknown[] }): boolean =>
  (variables?.length ?? 0) > 0;

/** Why an expression cannot be used, as Kubernetes words it. */
export class ExpressionProblem extends Error {}

/** The expressions of one policy: they share its variables. */
export class PolicyExpressions {
  /** Types of the variables so far; undefined for a policy that has none, whose expressions know no `variables`. */
  readonly #variables: Map<string, CelType> | undefined;
  readonly #environments = new Map<string, CelEnvironment>();
  /** The types of the objects at hand, when they are known: for a check of types beyond what admission does. */
  readonly #objects: CelType;
  readonly #params: CelType;

  constructor(hasVariables: boolean, objects: CelType = DYN, params: CelType = DYN) {
    this.#variables = hasVariables ? new Map() : undefined;
    this.#objects = objects;
    this.#params = params;
  }

  /** Compiles an expression that must give one of these types (of any, without). Throws ExpressionProblem. */
  compile(expression: string, sight: Sight, ...wanted: readonly CelType[]): Program {
    let program: Program;
    try {
      program = this.#environment(sight).compile(expression);
    } catch (error) {
      if (!(error instanceof CelSyntaxError)) throw error;
      throw new ExpressionProblem(`compilation failed: ${error.message}`);
    }
    if (wanted.length === 0 || wanted.some((type) => sameType(type, program.type))) return program;
    const names = wanted.map(typeString);
    const which = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
    throw new ExpressionProblem(`must evaluate to ${which} but got ${typeString(program.type)}`);
  }

  /** From here on expressions may use a variable of this type. */
  declare(name: string, type: CelType): void {
    this.#variables?.set(name, type);
  }

  #environment({ params = false, authorizer = false, patches = false }: Sight): CelEnvironment {
    const key = `${params} ${authorizer} ${patches}`;
    const known = this.#environments.get(key);
    if (known) return known;
    const variables: Record<string, CelType> = {
      object: this.#objects,
      oldObject: this.#objects,
      namespaceObject: NAMESPACE,
      request: REQUEST,
    };
    if (params) variables['params'] = this.#params;
    if (authorizer) Object.assign(variables, { authorizer: AUTHORIZER, 'authorizer.requestResource': RESOURCE_CHECK });
    const declared = this.#variables;
    if (declared)
      variables['variables'] = { kind: 'object', name: 'kubernetes.variables', field: (name) => declared.get(name) };
    const environment = new CelEnvironment({
      variables,
      ...(patches ? { structType: patchTypes, libraries: [jsonPatchLibrary] } : {}),
    });
    this.#environments.set(key, environment);
    return environment;
  }
}
