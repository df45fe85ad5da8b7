import { useState } from 'preact/hooks';
import { fill } from '../../../i18n/fill.ts';
import type { LabStrings } from '../../../i18n/lab.ts';
import type { ObjectView } from '../../../lab/protocol.ts';
import { diffLines, type DiffLine } from '../projection/diff.ts';

/** Unchanged lines kept around a change; longer stretches fold. */
const CONTEXT = 3;

interface Stretch {
  readonly folded: boolean;
  readonly lines: readonly DiffLine[];
}

function stretches(lines: readonly DiffLine[]): Stretch[] {
  const near = new Set<number>();
  lines.forEach(({ mark, text }, index) => {
    // The first fields say what the object is.
    if (mark === ' ' && !/^(apiVersion|kind):/.test(text)) return;
    for (let i = index - CONTEXT; i <= index + CONTEXT; i++) near.add(i);
  });
  const result: { folded: boolean; lines: DiffLine[] }[] = [];
  lines.forEach((line, index) => {
    const folded = !near.has(index);
    const last = result.at(-1);
    if (last?.folded === folded) last.lines.push(line);
    else result.push({ folded, lines: [line] });
  });
  return result;
}

const WORDS = { '+': 'changedLines', '-': 'removedLines', ' ': undefined } as const;

function YamlLine({ line, strings }: { line: DiffLine; strings: LabStrings }) {
  const [, indent = '', key, rest = ''] = /^(\s*(?:- )?)([\w./"-]+:)?(.*)$/.exec(line.text) ?? [];
  const word = WORDS[line.mark];
  return (
    <div class={line.mark === ' ' ? 'lab-yaml-line' : `lab-yaml-line ${line.mark === '+' ? 'added' : 'gone'}`}>
      <span class="lab-yaml-mark" aria-hidden="true">
        {line.mark}
      </span>
      {word && <span class="sr-only">{strings[word]}: </span>}
      {indent}
      {key && <span class="lab-yaml-key">{key}</span>}
      {rest}
    </div>
  );
}

/** An object at one revision as YAML, what changed marked by sign and colour. `fold` hides what did not change. */
export function ObjectYaml({ view, strings, fold }: { view: ObjectView; strings: LabStrings; fold: boolean }) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const lines = diffLines(view);
  const isUpdate = view.previousRevision !== undefined && view.yaml !== '';
  const parts = fold && isUpdate ? stretches(lines) : [{ folded: false, lines }];
  return (
    <>
      <p class="lab-yaml-about">
        {fill(strings.writtenAt, { revision: view.revision })}
        {' · '}
        {view.yaml === '' && strings.deletedHere}
        {view.yaml !== '' &&
          (view.previousRevision === undefined
            ? strings.createdHere
            : fill(strings.previouslyAt, { revision: view.previousRevision }))}
      </p>
      <div class="lab-yaml" tabIndex={0} role="region" aria-label="YAML">
        {parts.map((part, index) =>
          part.folded && part.lines.length > 1 && !open.has(index) ? (
            <button
              type="button"
              key={`fold ${index}`}
              class="lab-fold"
              onClick={() => setOpen(new Set([...open, index]))}
            >
              ⋯ {part.lines.length}
            </button>
          ) : (
            part.lines.map((line, at) => <YamlLine key={`${index} ${at}`} line={line} strings={strings} />)
          ),
        )}
      </div>
    </>
  );
}
