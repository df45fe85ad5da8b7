import { badRequest } from './errors.ts';

/** One condition of a field selector. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** `\,`, `\=` and `\\` stand for themselves; anything else after a backslash is an error. */
function unescape(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let out = '';
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '\\') {
      const escaped = value[++i];
      if (escaped === undefined) throw badRequest('invalid field selector: invalid escape sequence: "\\"');
      if (escaped !== '\\' && escaped !== ',' && escaped !== '=')
        throw badRequest(`invalid field selector: invalid escape sequence: "\\${escaped}"`);
      out += escaped;
    } else if (c === ',' || c === '=') {
      throw badRequest(`invalid selector: ${JSON.stringify(value)}: unescaped character in value: '${c}'`);
    } else {
      out += c;
    }
  }
  return out;
}

/** Splits at commas that no backslash precedes. */
function terms(text: string): string[] {
  const out: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      out.push(text.slice(start, i));
      start = i + 1;
    }
  }
  out.push(text.slice(start));
  return out;
}

/** Parses `spec.nodeName=a,status.phase!=Running`; throws a BadRequest with Kubernetes' text when it cannot. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const term of terms(text)) {
    if (term === '') continue;
    const at = term.search(/!=|==?/);
    if (at < 0) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const operator = term.startsWith('!=', at) ? '!=' : '=';
    const width = term.startsWith('==', at) || operator === '!=' ? 2 : 1;
    requirements.push({ field: term.slice(0, at), operator, value: unescape(term.slice(at + width)) });
  }
  return requirements;
}
