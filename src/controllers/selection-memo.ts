import type { LabelMatcher } from '../api/selector.ts';

type Labels = Readonly<Record<string, string>> | undefined;

const memos = new WeakMap<LabelMatcher, WeakMap<object, boolean>>();

/**
 * A matcher that remembers its answers. Labels seldom change and versions of an object share them, so a controller
 * that looks at a thousand Pods every few milliseconds need not compare them every time.
 */
export function remembering(matcher: LabelMatcher): (labels: Labels) => boolean {
  let memo = memos.get(matcher);
  if (!memo) memos.set(matcher, (memo = new WeakMap()));
  const known = memo;
  return (labels) => {
    if (!labels) return matcher.matches(labels);
    let answer = known.get(labels);
    if (answer === undefined) known.set(labels, (answer = matcher.matches(labels)));
    return answer;
  };
}
