/**
 * The paths of fields that a JSON text has more than once (`spec.replicas`), in document order. JSON.parse keeps
 * the last of them silently. The text must be valid JSON.
 */
export function duplicateFields(text: string): string[] {
  const duplicates: string[] = [];
  let i = 0;

  const string = (): string => {
    const start = i++;
    while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    i++;
    return text.slice(start, i);
  };
  const blank = (): void => {
    while (i < text.length && ' \t\r\n'.includes(text[i]!)) i++;
  };
  const value = (path: string): void => {
    blank();
    const c = text[i];
    if (c === '{') {
      i++;
      const seen = new Set<string>();
      for (blank(); text[i] !== '}'; blank()) {
        if (text[i] === ',') i++;
        blank();
        const key = JSON.parse(string()) as string;
        const field = path === '' ? key : `${path}.${key}`;
        if (seen.has(key)) duplicates.push(field);
        seen.add(key);
        blank();
        i++;
        value(field);
      }
      i++;
    } else if (c === '[') {
      i++;
      let index = 0;
      for (blank(); text[i] !== ']'; blank()) {
        if (text[i] === ',') i++;
        value(`${path}[${index++}]`);
      }
      i++;
    } else if (c === '"') {
      string();
    } else {
      while (i < text.length && !' \t\r\n,]}'.includes(text[i]!)) i++;
    }
  };
  value('');
  return duplicates;
}
