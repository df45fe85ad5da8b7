/** Whether the schema of a custom resource is structural (apiextensions-apiserver's pkg/apiserver/schema). */
import type { Errors } from '../core/common-checks.ts';
import { equal } from '../draft.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { checkDefaults } from './default-checks.ts';
import { followFieldPath } from './field-path.ts';
import { patternProblem } from './pattern.ts';
import { checkRuleExpressions } from './rule-checks.ts';

/** A schema as a CustomResourceDefinition has it. */
export interface PropsSchema {
  readonly [field: string]: unknown;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly items?: PropsSchema;
  readonly properties?: Readonly<Record<string, PropsSchema>>;
  readonly additionalProperties?: PropsSchema | boolean;
  readonly required?: readonly string[];
  readonly allOf?: readonly PropsSchema[];
  readonly anyOf?: readonly PropsSchema[];
  readonly oneOf?: readonly PropsSchema[];
  readonly not?: PropsSchema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

export interface ValidationRule {
  readonly rule?: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

type Level = 'root' | 'item' | 'field';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const WORDS: Readonly<Record<Level, string>> = {
  root: 'at the root',
  item: 'for specified array items',
  field: 'for specified object fields',
};

const additional = (schema: PropsSchema): PropsSchema | undefined =>
  typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** What is said of values under allOf and the like must not say what they are: that belongs outside. */
function checkNested(schema: PropsSchema, skipTypes: boolean, path: string, errors: Errors): void {
  checkValues(schema, skipTypes, false, path, errors);
  if (schema.items) checkNested(schema.items, false, `${path}.items`, errors);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkNested(property, false, `${path}.properties[${name}]`, errors);
  const forbid = (field: string, state: string): void =>
    void errors.push(forbidden(`${path}.${field}`, `must be ${state} to be structural`));
  if (schema.type) forbid('type', 'empty');
  if (schema.additionalProperties !== undefined) forbid('additionalProperties', 'undefined');
  if (schema.default !== undefined) forbid('default', 'undefined');
  for (const field of ['title', 'description', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations'])
    if (schema[field]) forbid(field, 'empty');
  for (const field of [
    'nullable',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
  ])
    if (schema[field]) forbid(field, 'false');
  for (const field of ['externalDocs', 'x-kubernetes-list-type', 'x-kubernetes-map-type'])
    if (schema[field] !== undefined) forbid(field, 'undefined');
  if (schema.properties?.['metadata'])
    errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
}

function checkValues(schema: PropsSchema, skipAnyOf: boolean, skipFirst: boolean, path: string, errors: Errors): void {
  if (!skipAnyOf) schema.anyOf?.forEach((each, i) => checkNested(each, false, `${path}.anyOf[${i}]`, errors));
  schema.allOf?.forEach((each, i) => checkNested(each, skipFirst && i === 0, `${path}.allOf[${i}]`, errors));
  schema.oneOf?.forEach((each, i) => checkNested(each, false, `${path}.oneOf[${i}]`, errors));
  if (schema.not) checkNested(schema.not, false, `${path}.not`, errors);
  const problem = schema.pattern ? patternProblem(schema.pattern) : undefined;
  if (problem)
    errors.push(
      invalid(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${problem}`),
    );
}

function checkObjectParts(schema: PropsSchema, level: Level, path: string, errors: Errors): void {
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const isObject = level === 'root' || embedded;
  if (!isObject) return;
  for (const [name, property] of [
    ['kind', kind],
    ['apiVersion', apiVersion],
  ] as const)
    if (property && property.type !== 'string')
      errors.push(invalid(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'));
  if (!metadata) return;
  const at = `${path}.properties[metadata]`;
  if (metadata.type !== 'object') errors.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'));
  if (level !== 'root') return;
  const { type: _t, default: _d, properties = {}, ...rest } = metadata;
  const others = Object.keys(properties).filter((name) => name !== 'name' && name !== 'generateName');
  if (others.length > 0 || Object.keys(rest).length > 0)
    errors.push(
      forbidden(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'),
    );
}

function checkStructure(schema: PropsSchema, level: Level, path: string, errors: Errors): void {
  const { type = '', items, properties = {}, additionalProperties } = schema;
  if (type === 'array' && !items) errors.push(required(`${path}.items`, 'must be specified'));
  if (items) checkStructure(items, 'item', `${path}.items`, errors);
  for (const [name, property] of Object.entries(properties))
    checkStructure(property, 'field', `${path}.properties[${name}]`, errors);
  if (additionalProperties !== undefined && level === 'root')
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
  const more = additional(schema);
  if (more) checkStructure(more, 'field', `${path}.additionalProperties`, errors);
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (intOrString)
    for (const [field, on] of [
      ['x-kubernetes-preserve-unknown-fields', preserves],
      ['x-kubernetes-embedded-resource', embedded],
    ] as const)
      if (on) errors.push(invalid(`${path}.${field}`, true, 'must be false if x-kubernetes-int-or-string is true'));
  checkValues(schema, equal(schema.anyOf, INT_OR_STRING), equal(schema.allOf?.[0]?.anyOf, INT_OR_STRING), path, errors);
  const must = 'must be object if x-kubernetes-embedded-resource is true';
  if (embedded && type !== 'object')
    errors.push(type ? invalid(`${path}.type`, type, must) : required(`${path}.type`, must));
  else if (!type && !intOrString && !preserves)
    errors.push(required(`${path}.type`, `must not be empty ${WORDS[level]}`));
  if (embedded && additionalProperties !== undefined)
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  if (level === 'root' && type && type !== 'object')
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  checkObjectParts(schema, level, path, errors);
  if (embedded && !preserves && Object.keys(properties).length === 0)
    errors.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
}

/** Every field and item that a value rule speaks of is specified outside of it too. */
function checkCompleteness(rule: PropsSchema, schema: PropsSchema | undefined, path: string, errors: Errors): void {
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const)
    rule[junctor]?.forEach((each, i) => checkMentioned(each, schema, `${path}.${junctor}[${i}]`, path, errors));
  if (rule.not) checkMentioned(rule.not, schema, `${path}.not`, path, errors);
}

function checkMentioned(
  rule: PropsSchema,
  schema: PropsSchema | undefined,
  _rulePath: string,
  path: string,
  errors: Errors,
): void {
  checkCompleteness(rule, schema, path, errors);
  if (rule.items) {
    if (!schema?.items) errors.push(required(`${path}.items`, `because it is defined in ${_rulePath}.items`));
    else checkMentioned(rule.items, schema.items, `${_rulePath}.items`, `${path}.items`, errors);
  }
  for (const [name, property] of Object.entries(rule.properties ?? {})) {
    const at = `${path}.properties[${name}]`;
    const own = schema?.properties?.[name];
    if (!own) {
      if (!schema?.['x-kubernetes-preserve-unknown-fields'] && !(schema && additional(schema)))
        errors.push(required(at, `because it is defined in ${_rulePath}.properties[${name}]`));
    } else checkMentioned(property, own, `${_rulePath}.properties[${name}]`, at, errors);
  }
}

function checkEverywhereComplete(schema: PropsSchema, path: string, errors: Errors): void {
  checkCompleteness(schema, schema, path, errors);
  if (schema.items) checkEverywhereComplete(schema.items, `${path}.items`, errors);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkEverywhereComplete(property, `${path}.properties[${name}]`, errors);
  const more = additional(schema);
  if (more) checkEverywhereComplete(more, `${path}.additionalProperties`, errors);
}

const UNSUPPORTED = ['id', '$schema', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', '$ref'];

/** The fields by which the items of a list map are known. */
function checkListKeys(items: PropsSchema, keys: readonly string[], path: string, errors: Errors): void {
  const at = `${path}.x-kubernetes-list-map-keys`;
  keys.forEach((key, i) => {
    const property = items.properties?.[key];
    if (!property) errors.push(invalid(at, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const must = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${path}.items.properties[${key}].type`, items.type, must));
    }
    if (keys.indexOf(key) < i) errors.push(invalid(at, keys, 'must not contain duplicate entries'));
  });
}

/** Items that have an identity are there, and have it. */
function checkListItems(
  items: PropsSchema,
  listType: string,
  keys: readonly string[],
  path: string,
  errors: Errors,
): void {
  const atomic = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (listType === 'set' && items.type === 'array' && (items['x-kubernetes-list-type'] ?? 'atomic') !== 'atomic')
    errors.push(invalid(`${path}.items.x-kubernetes-list-type`, items['x-kubernetes-list-type'], atomic));
  if (listType === 'set' && items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    errors.push(invalid(`${path}.items.x-kubernetes-map-type`, null, atomic));
  if (items.nullable)
    errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  if (listType !== 'map') return;
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!items.required?.includes(key) && property.default === undefined)
      errors.push(
        required(
          `${at}.default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    if (property.nullable)
      errors.push(
        forbidden(`${at}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'),
      );
  }
}

function checkLists(schema: PropsSchema, path: string, errors: Errors): void {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const mapType = schema['x-kubernetes-map-type'];
  if (listType !== undefined) {
    if (schema.type !== 'array') {
      const must = 'must be array if x-kubernetes-list-type is specified';
      errors.push(schema.type ? invalid(`${path}.type`, schema.type, must) : required(`${path}.type`, must));
    }
    if (!['atomic', 'set', 'map'].includes(listType))
      errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
  }
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length > 0 && listType !== 'map') {
    const must = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(
      listType === undefined
        ? required(`${path}.x-kubernetes-list-type`, must)
        : invalid(`${path}.x-kubernetes-list-type`, listType, must),
    );
  }
  if (listType === 'map') {
    if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'));
    if (schema.items && schema.items.type !== 'object')
      errors.push(
        invalid(
          `${path}.items.type`,
          schema.items.type ?? '',
          "must be object if parent array's x-kubernetes-list-type is map",
        ),
      );
    if (!schema.items) errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    if (schema.items?.type === 'object') checkListKeys(schema.items, keys, path, errors);
  }
  if ((listType === 'map' || listType === 'set') && schema.items)
    checkListItems(schema.items, listType, keys, path, errors);
  if (mapType === undefined) return;
  if (schema.type !== 'object') {
    const must = 'must be object if x-kubernetes-map-type is specified';
    errors.push(schema.type ? invalid(`${path}.type`, schema.type, must) : required(`${path}.type`, must));
  }
  if (mapType !== 'atomic' && mapType !== 'granular')
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
}

const LINE_BREAK = /[\r\n]/;

/** CEL rules, as far as they can be judged without understanding the expressions. */
function checkRules(schema: PropsSchema, path: string, errors: Errors): void {
  schema['x-kubernetes-validations']?.forEach(({ rule = '', message, messageExpression, reason, fieldPath }, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`;
    if (!rule.trim()) errors.push(required(`${at}.rule`, 'rule is not specified'));
    else if (message !== undefined && message !== '' && !message.trim())
      errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
    else if (message && LINE_BREAK.test(message.trim()))
      errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
    else if (!message && LINE_BREAK.test(rule.trim()))
      errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
    if (messageExpression && !messageExpression.trim())
      errors.push(required(`${at}.messageExpression`, 'must be non-empty if specified'));
    if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, REASONS));
    if (fieldPath && !fieldPath.trim())
      errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be non-empty if specified'));
    if (fieldPath && LINE_BREAK.test(fieldPath))
      errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must not contain line breaks'));
    if (fieldPath && typeof followFieldPath(fieldPath, schema) === 'string')
      errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be a valid path'));
  });
}

/** Where the schema of a whole resource speaks of what every resource has. */
const META_PROPERTIES: ReadonlyMap<string, string> = new Map(
  ['metadata', 'kind', 'apiVersion'].map((name) => [`properties[${name}]`, name]),
);

/** What no schema may say, at every depth. */
function checkVocabulary(
  schema: PropsSchema,
  isRoot: boolean,
  path: string,
  errors: Errors,
  noDefaults?: string,
): void {
  if (schema['uniqueItems'] === true)
    errors.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  const { type, additionalProperties, properties } = schema;
  if (additionalProperties !== undefined && properties && Object.keys(properties).length > 0)
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  for (const field of UNSUPPORTED)
    if (schema[field] !== undefined) errors.push(forbidden(`${path}.${field}`, `${field} is not supported`));
  if (type === 'null')
    errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  else if (type && !TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  if (schema.default !== undefined && noDefaults !== undefined)
    errors.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`));
  checkLists(schema, path, errors);
  checkRules(schema, path, errors);
  const within = (part: PropsSchema | undefined, at: string): void => {
    const reason = isRoot && META_PROPERTIES.has(at) ? `in top-level ${META_PROPERTIES.get(at)!}` : noDefaults;
    if (part && typeof part === 'object') checkVocabulary(part, false, `${path}.${at}`, errors, reason);
  };
  if (Array.isArray(schema.items))
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  else within(schema.items, 'items');
  for (const [name, property] of Object.entries(properties ?? {})) within(property, `properties[${name}]`);
  within(additional(schema), 'additionalProperties');
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const)
    schema[junctor]?.forEach((each, i) => within(each, `${junctor}[${i}]`));
  within(schema.not, 'not');
  if (isRoot && schema.nullable) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
}

const text = ({ field, detail }: FieldError): string => `${field}: ${detail}`;

/** What keeps a schema from being looked at as a structural one at all. */
const UNREADABLE =
  /\.(?:(?:id|\$ref|definitions|dependencies|patternProperties|additionalItems|items): Forbidden|x-kubernetes-preserve-unknown-fields: Invalid)/;

/**
 * Everything that is wrong with the schema of one version: what it says, then its rules, as far as the parts that they
 * are about are in order, then its structure, and where that is sound, its defaults.
 */
export function checkSchema(schema: PropsSchema, path: string): Errors {
  const vocabulary: Errors = [];
  checkVocabulary(schema, true, path, vocabulary);
  const isSound = (at: string): boolean =>
    !vocabulary.some(({ field }) => field.startsWith(at) && /^(?:$|[.[])/.test(field.slice(at.length)));
  const errors = [...vocabulary, ...checkRuleExpressions(schema, path, isSound)];
  if (vocabulary.some((error) => UNREADABLE.test(text(error)))) return errors;
  const structural: Errors = [];
  checkStructure(schema, 'root', path, structural);
  checkEverywhereComplete(schema, path, structural);
  structural.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
  return [...errors, ...(structural.length > 0 ? structural : checkDefaults(schema, path))];
}
