/** Validation of custom resources (apiextensions-apiserver's pkg/registry/customresource). */
import { checkListTypes } from '../../api/apiextensions/list-types.ts';
import { SchemaRules } from '../../api/apiextensions/rule-evaluation.ts';
import type { PropsSchema } from '../../api/apiextensions/schema-checks.ts';
import { checkValue } from '../../api/apiextensions/value-checks.ts';
import { invalid } from '../../api/field-error.ts';
import type { FieldError } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { DefinitionVersion } from './definition.ts';
import { checkEmbedded } from './embedded.ts';
import { checkScaleSpec, checkScaleStatus } from './scale-paths.ts';

interface Checked {
  readonly kind: string;
  readonly version: DefinitionVersion;
  readonly schema: PropsSchema;
}

/** Faults after which rules are not looked at: they could not rely on the types of what they speak of. */
const BLOCKING: ReadonlySet<FieldError['type']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** The checks of one version's objects. */
export class ObjectChecks {
  readonly #checked: Checked;
  readonly #rules: SchemaRules | undefined;
  /** What was let pass of objects, because it is as it was. */
  readonly #warnings = new WeakMap<UntypedObject, readonly string[]>();

  constructor(checked: Checked) {
    this.#checked = checked;
    this.#rules = SchemaRules.of(checked.schema, true);
  }

  /** Warnings of the last check of an object. */
  warnings(object: UntypedObject): readonly string[] {
    return this.#warnings.get(object) ?? [];
  }

  create(object: UntypedObject): FieldError[] {
    return this.#all(object, undefined);
  }

  update(object: UntypedObject, old: UntypedObject): FieldError[] {
    return this.#all(object, old);
  }

  /** A write to the status is judged by the status alone. */
  status(object: UntypedObject, old: UntypedObject): FieldError[] {
    const { schema, version } = this.#checked;
    const status = schema.properties?.['status'];
    const found = object['status'];
    const errors = status && found !== undefined ? checkValue(found, status, 'status', old['status'] ?? undefined) : [];
    errors.push(...checkScaleStatus(object, version.subresources?.scale));
    return this.#further(object, old, errors);
  }

  #all(object: UntypedObject, old: UntypedObject | undefined): FieldError[] {
    const { kind, schema, version } = this.#checked;
    if (object.kind !== kind) return [invalid('kind', object.kind, `must be ${kind}`)];
    const errors = checkValue(object, schema, '', old);
    errors.push(...checkScaleSpec(object, version.subresources?.scale));
    errors.push(...checkScaleStatus(object, version.subresources?.scale));
    return this.#further(object, old, errors);
  }

  #further(object: UntypedObject, old: UntypedObject | undefined, errors: FieldError[]): FieldError[] {
    const { schema } = this.#checked;
    errors.push(...checkEmbedded(object, schema));
    // A list that had duplicates may keep them.
    if (!old || checkListTypes(old, schema).length === 0) errors.push(...checkListTypes(object, schema));
    if (!this.#rules) return errors;
    if (errors.some(({ type }) => BLOCKING.has(type))) errors.push(invalid('<nil>', null, NOT_CHECKED));
    else {
      const findings = this.#rules.check(object, old);
      errors.push(...findings.errors);
      if (findings.warnings.length > 0) this.#warnings.set(object, findings.warnings);
    }
    return errors;
  }
}
