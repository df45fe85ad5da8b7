import { CliError } from '../errors.ts';
import { goQuote, goSyntax } from '../go-format.ts';
import { goJson, goValue } from '../../api/go-text.ts';
import { JsonPath } from '../../api/jsonpath/evaluate.ts';
import { kindName } from '../discovery.ts';
import { readText } from '../manifest/files.ts';
import type { Session } from '../session.ts';
import { compileGoTemplate, TemplateError } from '../template/go-template.ts';
import { isObject, text, withAt, type Obj } from '../value.ts';
import { toKyaml } from './kyaml.ts';
import { toYaml } from './yaml.ts';

/** Turns objects into what `-o` asks for. */
export type Printer = (object: Obj) => string;

const TEMPLATES = [
  'go-template',
  'go-template-file',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'template',
  'templatefile',
];
const FORMATS = [...TEMPLATES, 'json', 'kyaml', 'name', 'yaml'];

export interface PrinterOptions {
  /** Said after the name when no format was asked for: `created`. */
  readonly operation?: string;
  /** Objects that kubectl built itself keep the order of their fields in JSON. */
  readonly typed?: boolean;
  /** Further formats that the command knows, for the error text. */
  readonly alsoAllowed?: readonly string[];
}

/** The printer for `-o` and `--template`. Throws when there is no such format. */
export const printerFor = (session: Session, options: PrinterOptions = {}): Printer => {
  const output = session.flags.string('output');
  const template = session.flags.string('template');
  const format = output === '' && template !== '' ? 'go-template' : output;
  if (format === '') return namePrinter(options.operation ?? '');
  if (format === 'name') return namePrinter('');
  if (format === 'json' || format === 'yaml' || format === 'kyaml')
    return structured(session, format, options.typed ?? false);
  const equals = format.indexOf('=');
  const kind = equals < 0 ? format : format.slice(0, equals);
  if (!TEMPLATES.includes(kind)) throw noPrinter(output, options.alsoAllowed ?? []);
  let source = equals < 0 ? template : format.slice(equals + 1);
  if (source === '') throw new CliError('template format specified but no template given');
  if (kind.endsWith('file')) {
    const content = readText(session.io, source);
    if (content === undefined)
      throw new CliError(`error reading --template ${source}, open ${source}: no such file or directory`);
    source = content;
  }
  if (kind === 'jsonpath' || kind === 'jsonpath-file' || kind === 'jsonpath-as-json')
    return jsonPathPrinter(session, source, kind === 'jsonpath-as-json');
  return goTemplatePrinter(session, source);
};

export const noPrinter = (output: string, alsoAllowed: readonly string[]): CliError =>
  new CliError(
    `unable to match a printer suitable for the output format ${goQuote(output)}, allowed formats are: ${[...FORMATS, ...alsoAllowed].sort().join(',')}`,
  );

const namePrinter =
  (operation: string): Printer =>
  (object) => {
    const items = object['kind'] === 'List' || Array.isArray(object['items']) ? (object['items'] as Obj[]) : [object];
    return items.map((item) => `${nameOf(item)}${operation ? ` ${operation}` : ''}\n`).join('');
  };

/** `deployment.apps/web`; what has no name (yet) is `<unknown>`. */
export const nameOf = (object: Obj): string => {
  const apiVersion = text(object, 'apiVersion');
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return `${kindName(group, text(object, 'kind'))}/${text(object, 'metadata', 'name') || '<unknown>'}`;
};

const structured = (session: Session, format: string, typed: boolean): Printer => {
  const show = session.flags.bool('show-managed-fields');
  let printed = 0;
  return (object) => {
    const shown = show ? object : withoutManagedFields(object);
    if (format === 'json') return `${goJson(shown, { indent: '    ', keepOrder: typed })}\n`;
    if (format === 'kyaml') return toKyaml(shown);
    return `${printed++ > 0 ? '---\n' : ''}${toYaml(shown)}`;
  };
};

export const withoutManagedFields = (object: Obj): Obj => {
  const items = object['items'];
  if (Array.isArray(items))
    return { ...object, items: items.map((item: unknown) => (isObject(item) ? withoutManagedFields(item) : item)) };
  const { metadata } = object;
  return isObject(metadata) && 'managedFields' in metadata
    ? withAt(object, ['metadata', 'managedFields'], undefined)
    : object;
};

const jsonPathPrinter = (session: Session, template: string, asJson: boolean): Printer => {
  let path: JsonPath;
  try {
    path = new JsonPath(template, { allowMissingKeys: session.flags.bool('allow-missing-template-keys') });
  } catch (error) {
    throw new CliError(`error parsing jsonpath ${template}, ${(error as Error).message}`);
  }
  return (object) => {
    try {
      return asJson ? path.executeAsJson(object) : path.execute(object);
    } catch (error) {
      throw new CliError(
        `error executing jsonpath ${goQuote(template)}: Error executing template: ${(error as Error).message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(object)}\n\n\n`,
      );
    }
  };
};

const goTemplatePrinter = (session: Session, template: string): Printer => {
  let fill: (data: unknown) => string;
  try {
    fill = compileGoTemplate(template, { allowMissingKeys: session.flags.bool('allow-missing-template-keys') });
  } catch (error) {
    throw new CliError(`error parsing template ${template}, template: output:1: ${(error as Error).message}`);
  }
  return (object) => {
    try {
      return fill(object);
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof TemplateError)
        session.io.stdout(
          `${error.written}Error executing template: ${message}. Printing more information for debugging the template:\n` +
            `\ttemplate was:\n\t\t${template}\n\traw data was:\n\t\t${goJson(object)}\n` +
            `\tobject given to template engine was:\n\t\t${goValue(object)}\n\n`,
        );
      throw new CliError(`error executing template ${goQuote(template)}: ${message}`);
    }
  };
};
