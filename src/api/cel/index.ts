/**
 * CEL, the Common Expression Language, as Kubernetes has it: cel-go's syntax, types, messages and costs, and
 * Kubernetes' libraries. Make a CelEnvironment with typed variables, compile expressions in it, evaluate them.
 *
 *     const root = sizedType(schema, 'selfType');               // undefined: expressions cannot see this
 *     const environment = new CelEnvironment({ variables: { self: root.type, oldSelf: root.type } });
 *     const program = environment.compile('self.min <= self.max');   // throws CelSyntaxError, message as cel-go's
 *     estimateCost(program.checked, root).max                   // the most that it may ever cost
 *     program.uses('oldSelf')                                   // a transition rule
 *     const { result, cost, exceeded } = program.evaluate(
 *       (name) => (name === 'self' ? schemaValue(json, schema) : undefined), limit);
 *     if (result instanceof Failure) …                          // result.message: 'no such key: min'
 *
 * Variables without a schema are DYN and jsonValue(json). oldSelf of rules with optionalOldSelf is
 * optionalType(root.type) and `new Optional(value)` or NONE. The root of a resource and embedded resources see
 * resourceSchema(schema). `type.kind === 'bool'` tests the type of a program; formatType() and typeString() show it.
 */
export { CelEnvironment, PER_CALL_LIMIT, type EnvironmentOptions, type Program } from './environment.ts';
export type { Activation, Evaluation } from './interpreter.ts';
export { CelSyntaxError, type Issue } from './source.ts';
export * from './types.ts';
export { estimateCost } from './cost.ts';
export {
  AUTHORIZER,
  AuthorizerValue,
  RESOURCE_CHECK,
  ResourceCheck,
  type AccessQuestion,
  type Answer,
  type Authority,
} from './library/authorizer.ts';
export { escapeName, unescapeName } from './escape.ts';
export type { Range } from './estimate.ts';
export { jsonOf, jsonValue } from './json-value.ts';
export { resourceSchema, sizedType, type CelSchema, type Resolve, type SizedType } from './schema-type.ts';
export { schemaValue } from './schema-value.ts';
export { EntryMap, Failure, ListValue, MapValue, NONE, Optional, type CelValue, type Result } from './values.ts';
