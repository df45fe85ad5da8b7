import type { Status } from '../api/status.ts';
import { goQuote } from './go-format.ts';

/** Something that ends a command; the text is what kubectl prints after `error: `. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** The same with a text that is printed as it is. */
export class Complaint extends CliError {}

/** The API server's refusal, with its Status. `message` may say more than the Status did. */
export class StatusError extends Error {
  readonly status: Status;
  constructor(status: Status, message = status.message ?? '') {
    super(message);
    this.name = 'StatusError';
    this.status = status;
  }
}

/** Several errors at once, printed one per line without `error: `. */
export class AggregateFailure extends Error {
  readonly errors: readonly Error[];
  constructor(errors: readonly Error[]) {
    super(aggregateText(errors));
    this.name = 'AggregateFailure';
    this.errors = errors;
  }
}

/** Ends the command with a code, saying nothing more. */
export class Exit extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('');
    this.name = 'Exit';
    this.exitCode = exitCode;
  }
}

const aggregateText = (errors: readonly Error[]): string => {
  const seen = [...new Set(errors.map((error) => error.message))];
  return seen.length === 1 ? seen[0]! : `[${seen.join(', ')}]`;
};

/** One error as it is, several as an aggregate, none as undefined. */
export const combine = (errors: readonly Error[]): Error | undefined =>
  errors.length === 0 ? undefined : errors.length === 1 ? errors[0] : new AggregateFailure(errors);

/** Always an aggregate, even of one: several commands wrap their errors so, which drops the `error: ` prefix. */
export const throwAggregate = (errors: readonly Error[]): void => {
  if (errors.length > 0) throw new AggregateFailure(errors);
};

export const isNotFound = (error: unknown): boolean =>
  error instanceof StatusError && error.status.reason === 'NotFound';
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof StatusError && error.status.reason === 'AlreadyExists';
export const isConflict = (error: unknown): boolean =>
  error instanceof StatusError && error.status.reason === 'Conflict';
export const isInvalid = (error: unknown): boolean => error instanceof StatusError && error.status.reason === 'Invalid';

/** Puts `error when creating "web.yaml": ` before an error's text, keeping its Status. */
export const withSource = (verb: string, source: string | undefined, error: unknown): unknown => {
  if (!source || !(error instanceof Error)) return error;
  const message = `error when ${verb} ${goQuote(source)}: ${error.message}`;
  return error instanceof StatusError ? new StatusError(error.status, message) : new CliError(message);
};

const statusText = (error: StatusError): string => {
  const { reason } = error.status;
  if (reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`;
  return reason ? `Error from server (${reason}): ${error.message}` : `Error from server: ${error.message}`;
};

const plainText = (error: Error): string => (error instanceof StatusError ? statusText(error) : error.message);

const invalidText = (error: StatusError): string => {
  const { details, message } = error.status;
  let text = 'The request is invalid';
  if (!details) return text;
  if (details.kind || details.name) text = `The ${details.kind ?? ''} ${goQuote(details.name ?? '')} is invalid`;
  else if (message && !details.causes?.length) text = `${text}: ${message}`;
  const causes = [...new Set((details.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))];
  if (causes.length === 0) return text;
  return causes.length === 1
    ? `${text}: ${causes[0]!}\n`
    : `${text}: \n${causes.map((cause) => `* ${cause}\n`).join('')}`;
};

/** What kubectl prints to stderr for an error that ends a command. */
export const errorText = (error: unknown): string => {
  let text: string;
  if (error instanceof AggregateFailure) text = error.errors.map(plainText).join('\n');
  else if (error instanceof StatusError)
    text = error.status.reason === 'Invalid' ? invalidText(error) : statusText(error);
  else if (error instanceof Complaint) text = error.message;
  else if (error instanceof Error)
    text = error.message.startsWith('error: ') ? error.message : `error: ${error.message}`;
  else text = `error: ${String(error)}`;
  return text && !text.endsWith('\n') ? `${text}\n` : text;
};
