import type { Command } from '../cli/command.ts';
import { versionOf, type Mapping } from '../discovery.ts';
import { CliError, Exit } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { explainDocument } from '../explain-document.ts';
import type { Session } from '../session.ts';

export const explainCommand: Command = {
  name: 'explain',
  short: 'Get documentation for a resource',
  flags: {
    'api-version': { type: 'string' },
    output: { type: 'string', short: 'o', default: 'plaintext' },
    recursive: { type: 'bool' },
  },
  run: (session) => explain(session),
};

/** What the server's OpenAPI document says of a type and its fields. */
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
  io.stdout(
    `${mapping.group ? `GROUP:      ${mapping.group}\n` : ''}KIND:       ${mapping.kind}\nVERSION:    ${mapping.version}\n\n`,
  );
  const document = session.rest.get(
    `/openapi/v3/${mapping.group ? `apis/${mapping.group}` : 'api'}/${mapping.version}`,
  );
  io.stdout(explainDocument(document, mapping, path, flags.bool('recursive')));
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
