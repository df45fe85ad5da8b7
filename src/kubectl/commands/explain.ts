import { resolve, schemaOf, type Schema } from '../../api/schema/schema.ts';
import type { Command } from '../cli/command.ts';
import { versionOf, type Mapping } from '../discovery.ts';
import { CliError, Exit } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { explainDocument } from '../explain-document.ts';
import { schemaRef } from '../schema-ref.ts';
import type { Session } from '../session.ts';
import { byText } from '../value.ts';

export const explainCommand: Command = {
  name: 'explain',
  short: 'Get documentation for a resource',
  flags: {
    'api-version': { type: 'string' },
    output: { type: 'string', default: 'plaintext' },
    recursive: { type: 'bool' },
  },
  run: (session) => explain(session),
};

/** The fields of a kind from its schema; the schemas carry no prose, so descriptions are left out. */
const explain = (session: Session): void => {
  const { flags, args, io } = session;
  if (args.length === 0)
    throw new CliError(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
    );
  if (args.length > 1) throw new CliError('We accept only this format: explain RESOURCE\n');
  const [type = '', ...fields] = args[0]!.split('.');
  const mapping = find(session, args[0]!, type);
  const path =
    session.discovery.lookUp(args[0]!) && args[0]!.split('.').length > 1 && session.discovery.lookUp(args[0]!)?.group
      ? []
      : fields;
  const output = flags.string('output');
  if (output !== 'plaintext' && output !== 'plaintext-openapiv2') throw new CliError(`unrecognized format: ${output}`);
  const ref = schemaRef(mapping);
  io.stdout(
    `${mapping.group ? `GROUP:      ${mapping.group}\n` : ''}KIND:       ${mapping.kind}\nVERSION:    ${mapping.version}\n\n`,
  );
  if (ref === undefined) {
    const document = session.rest.get(`/openapi/v3/apis/${mapping.group}/${mapping.version}`);
    io.stdout(explainDocument(document, mapping, path, flags.bool('recursive')));
    return;
  }
  let schema = schemaOf(ref);
  let typeText = '';
  for (const field of path) {
    const found = fieldsOf(schema)[field];
    if (!found) {
      throw new CliError(`field ${goQuote(field)} does not exist`);
    }
    schema = found;
    typeText = typeOf(found);
  }
  if (path.length > 0) io.stdout(`FIELD: ${path.at(-1)!} <${typeText}>\n\n\n`);
  const properties = fieldsOf(schema);
  if (Object.keys(properties).length > 0)
    io.stdout(`FIELDS:\n${fieldLines(schema, flags.bool('recursive'), 1, new Set())}\n`);
};

const find = (session: Session, whole: string, type: string): Mapping => {
  const found = session.discovery.lookUp(whole.includes('.') && session.discovery.lookUp(whole)?.group ? whole : type);
  if (!found) {
    session.io.stderr(`the server doesn't have a resource type ${goQuote(type)}\n`);
    throw new Exit(1);
  }
  const wanted = session.flags.string('api-version');
  if (wanted === '' || wanted === versionOf(found.group, found.version)) return found;
  const slash = wanted.indexOf('/');
  const other = session.discovery.mappings.find(
    (m) => versionOf(m.group, m.version) === wanted && m.resource === found.resource,
  );
  if (!other)
    throw new CliError(
      `couldn't find resource for ${goQuote(`${slash < 0 ? `/${wanted}` : wanted}, Resource=${found.resource}`)}`,
    );
  return other;
};

const elementOf = (schema: Schema): Schema => {
  const found = resolve(schema);
  if (found.items) return elementOf(found.items);
  return found.additionalProperties ? elementOf(found.additionalProperties) : found;
};
const fieldsOf = (schema: Schema): Readonly<Record<string, Schema>> => elementOf(schema).properties ?? {};

/** `[]Container`, `map[string]string`, `integer`. */
const typeOf = (schema: Schema): string => {
  if (schema.$ref) {
    const target = resolve(schema);
    return target.properties || target.type === 'object'
      ? schema.$ref.slice(schema.$ref.lastIndexOf('.') + 1)
      : typeOf(target);
  }
  if (schema.items) return `[]${typeOf(schema.items)}`;
  if (schema.additionalProperties) return `map[string]${typeOf(schema.additionalProperties)}`;
  if (schema['x-kubernetes-int-or-string'] || schema.oneOf) return 'IntOrString';
  return schema.type ?? 'Object';
};

const fieldLines = (schema: Schema, recursive: boolean, level: number, seen: ReadonlySet<Schema>): string => {
  const element = elementOf(schema);
  if (seen.has(element)) return '';
  const inner = new Set([...seen, element]);
  return Object.keys(element.properties ?? {})
    .sort(byText)
    .map((name) => {
      const field = element.properties![name]!;
      const required = element.required?.includes(name) ? ' -required-' : '';
      const line = `${'  '.repeat(level)}${name}\t<${typeOf(field)}>${required}\n`;
      return recursive ? line + fieldLines(field, true, level + 1, inner) : `${line}\n`;
    })
    .join('');
};
