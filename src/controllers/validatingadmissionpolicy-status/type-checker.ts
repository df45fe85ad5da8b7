/** What expressions of a policy cannot mean for the kinds that it is about (apiserver's policy/validating/typechecking.go). */
import { ExpressionProblem, PolicyExpressions } from '../../api/admissionregistration/expressions.ts';
import { DYN, sizedType, type CelSchema, type CelType } from '../../api/cel/index.ts';
import { kinds } from '../../api/kinds.ts';
import type { Kind } from '../../api/kind.ts';
import { resolve, schemaOf, type Schema } from '../../api/schema/schema.ts';
import type { ValidatingAdmissionPolicy } from '../../api/types.ts';

/** So many kinds are looked at for each rule. */
const MAX_KINDS = 10;

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** A schema of the API as expressions are to see it. */
function celSchema(schema: CelSchema): CelSchema {
  const resolved = resolve(schema as Schema);
  if (resolved.format === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  // Quantities have no type: they are text that may be written as a number.
  return resolved.oneOf ? { type: 'string' } : resolved;
}

const types = new WeakMap<Kind, CelType>();

function typeOf(kind: Kind): CelType {
  let type = types.get(kind);
  if (type) return type;
  const schema = kind.custom?.openApi.v3 ?? schemaOf(kind.schema);
  types.set(kind, (type = sizedType(schema as CelSchema, kind.kind, celSchema)?.type ?? DYN));
  return type;
}

const sorted = (values: readonly string[] | undefined): string[] => [...(values ?? [])].sort();

type Rule = NonNullable<NonNullable<ValidatingAdmissionPolicy['spec']['matchConstraints']>['resourceRules']>[number];

/** The kinds that a rule names, without wildcards and subresources. */
function kindsOf(rule: Rule, served: readonly Kind[]): Kind[] {
  const [groups, versions] = [sorted(rule.apiGroups), sorted(rule.apiVersions)];
  if ([...groups, ...versions].some((name) => name.includes('*'))) return [];
  const resources = sorted(rule.resources).filter((name) => !/[*/]/.test(name));
  const wanted = (kind: Kind): boolean =>
    groups.includes(kind.group) && versions.includes(kind.version) && resources.includes(kind.resource);
  return served.filter(wanted).slice(0, MAX_KINDS);
}

const groupVersionKind = ({ group, version, kind }: Kind): string => `${group}/${version}, Kind=${kind}`;

function kindsToCheck({ spec }: ValidatingAdmissionPolicy, served: readonly Kind[]): Kind[] {
  const all = new Set((spec.matchConstraints?.resourceRules ?? []).flatMap((rule) => kindsOf(rule, served)));
  const text = (kind: Kind): string => `${kind.group}\n${kind.version}\n${kind.kind}`;
  return [...all].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** Undefined for a kind that is not there: expressions that speak of parameters are wrong then. */
function paramsType({ paramKind }: ValidatingAdmissionPolicy['spec'], served: readonly Kind[]): CelType | undefined {
  if (!paramKind) return undefined;
  const [version = '', group = ''] = (paramKind.apiVersion ?? '').split('/').reverse();
  const kind = served.find((one) => one.group === group && one.version === version && one.kind === paramKind.kind);
  return kind && typeOf(kind);
}

/** What is wrong with an expression, for each kind for which something is. */
function checkExpression(policy: ValidatingAdmissionPolicy, expression: string, served: readonly Kind[]): string {
  const params = paramsType(policy.spec, served);
  const sight = { params: params !== undefined, authorizer: true };
  const problems: string[] = [];
  for (const kind of kindsToCheck(policy, served)) {
    const expressions = new PolicyExpressions(true, typeOf(kind), params);
    const typed = (text: string): CelType | string => {
      try {
        return expressions.compile(text, sight).type;
      } catch (error) {
        if (!(error instanceof ExpressionProblem)) throw error;
        return error.message.replace('compilation failed: ', '');
      }
    };
    for (const variable of policy.spec.variables ?? []) {
      const type = typed(variable.expression);
      expressions.declare(variable.name, typeof type === 'string' ? DYN : type);
    }
    const found = typed(expression);
    if (typeof found === 'string') problems.push(`${groupVersionKind(kind)}: ${found}\n`);
  }
  return problems.join('\n');
}

/** Warnings for the expressions of a policy and of its messages, in their order. `extensions` are kinds of custom resources. */
export function checkTypes(policy: ValidatingAdmissionPolicy, extensions: readonly Kind[] = []): ExpressionWarning[] {
  const served = [...kinds, ...extensions.filter(({ custom }) => custom)];
  const warnings: ExpressionWarning[] = [];
  const look = (expression: string | undefined, fieldRef: string): void => {
    const warning = expression ? checkExpression(policy, expression, served) : '';
    if (warning) warnings.push({ fieldRef, warning });
  };
  policy.spec.validations?.forEach(({ expression, messageExpression }, i) => {
    look(expression, `spec.validations[${i}].expression`);
    look(messageExpression, `spec.validations[${i}].messageExpression`);
  });
  return warnings;
}
