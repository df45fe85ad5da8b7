import { apply, type Applied } from '../../api/apply/apply.ts';
import { applyConflict } from '../../api/apply/conflict-error.ts';
import { difference, isEmpty } from '../../api/apply/field-set.ts';
import { TypedError } from '../../api/apply/field-set-of.ts';
import { afterUpdate, type Manager } from '../../api/apply/managers.ts';
import { badRequest, conflict, notFound } from '../../api/errors.ts';
import { quote } from '../../api/field-error.ts';
import { apiVersionOf, type Kind } from '../../api/kind.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import { decode } from '../../api/schema/decode.ts';
import { ApiError } from '../../api/status.ts';
import { present } from '../endpoint.ts';
import { checkName } from './check-name.ts';
import { createDraft } from './create.ts';
import { complete } from './decode-body.ts';
import { managersOf } from './field-ownership.ts';
import { beforeFirstApply, writerOf } from './field-writers.ts';
import { KUBECTL, lastAppliedFields, renewLastApplied } from './last-applied.ts';
import type { Registry } from './registry.ts';
import { settleNamespace, type Scope } from './scope.ts';
import { replace } from './update.ts';

/** The patch verb with an apply configuration, which creates what is not there. */
export function applyObject(
  registry: Registry,
  scope: Scope,
  patch: unknown,
): { object: UntypedObject; created: boolean } {
  const { endpoint, request } = scope;
  const { kind } = endpoint;
  const name = request.name!;
  const config = checkConfig(kind, patch);
  const stored = endpoint.store.get(request.namespace, name);
  if (!stored && request.subresource) throw notFound(kind, name);
  const old = stored && present(endpoint, stored);
  const { object, managers } = applied(registry, scope, config, old);
  complainOfDuplicates(scope);
  const draft = complete(kind, decode<UntypedObject>(kind, object, old ? { unchanged: old } : {}).object);
  draft.metadata.name ||= name;
  checkName(draft, name);
  settleNamespace(scope, draft);
  const settled: Scope = { ...scope, managers };
  if (stored && old) return { object: replace(registry, settled, draft, stored, old), created: false };
  const { uid } = draft.metadata;
  if (uid) {
    const message = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(kind, name, message);
  }
  registry.authorize({ ...request, verb: 'create' });
  return { object: createDraft(registry, settled, draft), created: true };
}

/** Keys that the text of the configuration had twice: refused, warned of or passed over as the request says. */
function complainOfDuplicates({ request, warnings }: Scope): void {
  const { duplicateFields = [], options } = request;
  if (duplicateFields.length === 0) return;
  const { fieldValidation = 'Warn' } = options;
  if (fieldValidation === 'Strict') {
    const lines = duplicateFields.map((line) => `\n  ${line}`).join('');
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${lines}`);
  }
  if (fieldValidation === 'Warn') warnings.push(...duplicateFields);
}

/** The configuration of an apply, refused when it is none for this kind. */
export function checkConfig(kind: Pick<Kind, 'group' | 'version' | 'kind'>, patch: unknown): UntypedObject {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw badRequest(
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal into Go value of type map[string]interface {}',
    );
  }
  const config = patch as UntypedObject;
  const expected = apiVersionOf(kind);
  if (config.apiVersion !== expected) {
    const given = typeof config.apiVersion === 'string' ? config.apiVersion : '';
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${given}, expected: ${expected}`,
    );
  }
  if (config.kind !== kind.kind) {
    throw badRequest(
      `Incorrect kind specified in apply patch. Specified patch kind: ${quote(config.kind ?? '')}, expected: ${quote(kind.kind)}`,
    );
  }
  if ((config.metadata as UntypedObject['metadata'] | undefined)?.managedFields) {
    throw badRequest('metadata.managedFields must be nil');
  }
  return config;
}

/** What comes of the configuration, conflicts being refused. */
export function applied(
  registry: Registry,
  scope: Scope,
  config: UntypedObject,
  old: UntypedObject | undefined,
): { object: object; managers: readonly Manager[] } {
  const { endpoint, request } = scope;
  const { kind } = endpoint;
  const writer = writerOf(kind, request);
  const { schema, ignored } = writer;
  const time = formatTime(registry.kernel.now);
  let managers = old ? managersOf(old) : [];
  if (old && managers.length === 0) {
    managers = afterUpdate([], beforeFirstApply(kind), time, undefined, old, schema, ignored);
  }
  const live = old ?? {};
  const attempt = (force: boolean): Applied => {
    try {
      return apply({ live, config, managers, writer, time, force, schema, ignored });
    } catch (error) {
      if (!(error instanceof TypedError)) throw error;
      const { namespace, name } = (config.metadata ?? {}) as Partial<UntypedObject['metadata']>;
      const type = `${kind.group}/${kind.version}, Kind=${kind.kind}`;
      const text = (value: unknown): string => (typeof value === 'string' ? value : '');
      const of = `${text(namespace)}/${text(name)}; ${type}`;
      throw new ApiError(500, '', `failed to create typed patch object (${of}): ${error.message}`);
    }
  };
  let result = attempt(request.options.force === true);
  if (writer.manager === KUBECTL && old) {
    if (result.conflicts.length > 0) {
      const allowed = lastAppliedFields(kind, old);
      const left = result.conflicts
        .map((one) => ({ ...one, fields: difference(one.fields, allowed) }))
        .filter(({ fields }) => !isEmpty(fields));
      if (left.length > 0) throw applyConflict(left);
      result = attempt(true);
    }
    return { ...result, object: renewLastApplied(result.object as UntypedObject, config) };
  }
  if (result.conflicts.length > 0) throw applyConflict(result.conflicts);
  return result;
}
