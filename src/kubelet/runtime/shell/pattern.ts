/** A shell pattern (`*`, `?`, `[...]`) as a regular expression over a whole string. */
export function patternExpression(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '*') source += '[^]*';
    else if (char === '?') source += '[^]';
    else if (char === '[' && pattern.indexOf(']', i + 2) > 0) {
      const end = pattern.indexOf(']', i + 2);
      source += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      i = end;
    } else if (char === '\\' && i + 1 < pattern.length) source += literal(pattern[++i]!);
    else source += literal(char);
  }
  return new RegExp(`^${source}$`);
}

const literal = (char: string): string => char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Removes the shortest or longest match of a pattern from one end of a text. */
export function removeMatch(text: string, pattern: string, end: 'front' | 'back', longest: boolean): string {
  const expression = patternExpression(pattern);
  const lengths = Array.from({ length: text.length + 1 }, (_, i) => (longest ? text.length - i : i));
  for (const length of lengths) {
    const part = end === 'front' ? text.slice(0, length) : text.slice(text.length - length);
    if (expression.test(part)) return end === 'front' ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}
