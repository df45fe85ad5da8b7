import type { ObjectView } from '../../../lab/protocol.ts';

export interface DiffLine {
  readonly mark: '+' | '-' | ' ';
  readonly text: string;
  /** Line number in the YAML shown; absent for a line that is gone. */
  readonly line?: number;
}

/** The YAML of an object with what changed since the revision before, in one column. */
export function diffLines({ yaml, previousYaml, changed, removed }: ObjectView): readonly DiffLine[] {
  const now = yaml === '' ? [] : yaml.trimEnd().split('\n');
  const before = previousYaml ? previousYaml.trimEnd().split('\n') : [];
  const isNew = new Set(changed);
  const isGone = new Set(removed);
  const lines: DiffLine[] = [];
  let old = 0;
  const takeGone = (): void => {
    while (old < before.length && isGone.has(old + 1)) lines.push({ mark: '-', text: before[old++]! });
  };
  now.forEach((text, index) => {
    takeGone();
    const added = isNew.has(index + 1);
    lines.push({ mark: added ? '+' : ' ', text, line: index + 1 });
    if (!added) old++;
  });
  takeGone();
  return lines;
}
