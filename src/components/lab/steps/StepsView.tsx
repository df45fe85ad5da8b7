import { useComputed } from '@preact/signals';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { fill } from '../../../i18n/fill.ts';
import type { LabControlStrings } from '../../../i18n/lab-controls.ts';
import type { CheckDefinition, StepDefinition } from '../../../lab/definition.ts';
import type { CheckState, Locale } from '../../../lab/protocol.ts';
import type { LabHandle } from '../handle.ts';
import { blocks, inline } from './step-text.tsx';
import './steps.css';

interface StepsProps {
  readonly lab: LabHandle;
  readonly words: LabControlStrings;
  readonly steps: readonly StepDefinition[];
  /** Runs a command in the terminal, which the page brings to view. Without it commands are only shown. */
  readonly onRun?: (line: string) => void;
}

const isDone = (state: CheckState | undefined): boolean => state?.state === 'passed' || state?.state === 'kept';

/** The instructions of a lab, with checks that tick as the cluster gets there. */
export function StepsView({ lab, words, steps, onRun }: StepsProps) {
  const { locale, model } = lab;
  const states = useComputed(
    () => new Map(model.checks.value.map((state) => [`${state.step}/${state.id}`, state])),
  ).value;
  const before = lab.doneBefore.value;
  const stateOf = (step: string, id: string): CheckState | undefined => {
    const state = states.get(`${step}/${id}`);
    const open = state === undefined || state.state === 'pending';
    return open && before.has(`${step}/${id}`) ? { step, id, state: 'kept' } : state;
  };
  const done = steps.map(({ id, checks }) => checks.every((check) => isDone(stateOf(id, check.id))));
  const count = done.filter(Boolean).length;
  const current = done.indexOf(false);
  // The step just done stays open too: its text may still be read.
  const recent = (current === -1 ? steps.length : current) - 1;
  if (steps.length === 0) return <p class="lab-quiet lab-steps">{words.noSteps}</p>;
  return (
    <div class="lab-steps">
      <p class="lab-steps-count">
        {count === steps.length ? words.allDone : fill(words.stepsDone, { done: count, total: steps.length })}
      </p>
      <ol>
        {steps.map((step, i) => (
          <Step
            key={step.id}
            step={step}
            locale={locale}
            words={words}
            done={done[i]!}
            current={i === current}
            recent={i === recent}
            stateOf={(check) => stateOf(step.id, check)}
            onRun={onRun}
          />
        ))}
      </ol>
      <Announcer steps={steps} locale={locale} words={words} states={states} />
    </div>
  );
}

interface StepProps {
  readonly step: StepDefinition;
  readonly locale: Locale;
  readonly words: LabControlStrings;
  readonly done: boolean;
  readonly current: boolean;
  readonly recent: boolean;
  readonly stateOf: (check: string) => CheckState | undefined;
  readonly onRun: ((line: string) => void) | undefined;
}

/** A step: open while it is the next to do, or when the reader opens it. */
function Step({ step, locale, words, done, current, recent, stateOf, onRun }: StepProps) {
  const [chosen, setChosen] = useState<boolean>();
  const [hint, setHint] = useState(false);
  const hintId = useId();
  // A step that becomes the current one opens; what the reader opened or closed by hand was about the time before.
  useEffect(() => setChosen(undefined), [current]);
  const open = chosen ?? (current || (recent && done));
  return (
    <li class={done ? 'done' : current ? 'current' : undefined}>
      <details open={open}>
        <summary
          onClick={(event) => {
            event.preventDefault();
            setChosen(!open);
          }}
        >
          <span class="lab-step-mark" aria-hidden="true">
            {done ? '✓' : ''}
          </span>
          <span>{step.title[locale]}</span>
          {done && <span class="lab-hidden"> ({words.done})</span>}
        </summary>
        {blocks(step.text[locale]).map((block, i) =>
          block.type === 'paragraph' ? (
            <p key={i}>{inline(block.text)}</p>
          ) : (
            <Commands key={i} text={block.text} words={words} onRun={onRun} />
          ),
        )}
        <ul class="lab-checks">
          {step.checks.map((check) => (
            <Check key={check.id} check={check} locale={locale} words={words} state={stateOf(check.id)} />
          ))}
        </ul>
        {step.hint && (
          <>
            <button
              type="button"
              class="lab-hint"
              aria-expanded={hint}
              aria-controls={hintId}
              onClick={() => setHint(!hint)}
            >
              {words.hint}
            </button>
            <div id={hintId} hidden={!hint}>
              {blocks(step.hint[locale]).map((block, i) =>
                block.type === 'paragraph' ? (
                  <p key={i}>{inline(block.text)}</p>
                ) : (
                  <Commands key={i} text={block.text} words={words} onRun={onRun} />
                ),
              )}
            </div>
          </>
        )}
      </details>
    </li>
  );
}

interface CommandsProps {
  readonly text: string;
  readonly words: LabControlStrings;
  readonly onRun: ((line: string) => void) | undefined;
}

function Commands({ text, words, onRun }: CommandsProps) {
  const id = useId();
  return (
    <div class="lab-commands">
      <pre id={id} tabIndex={0}>
        <code>{text}</code>
      </pre>
      {onRun && (
        <button
          type="button"
          aria-label={words.run}
          aria-describedby={id}
          title={words.run}
          onClick={() => onRun(text)}
        >
          <span aria-hidden="true">▷</span>
        </button>
      )}
    </div>
  );
}

interface CheckProps {
  readonly check: CheckDefinition;
  readonly locale: Locale;
  readonly words: LabControlStrings;
  readonly state: CheckState | undefined;
}

const MARKS = { passed: '✓', kept: '✓', broken: '!', pending: '' } as const;

function Check({ check, locale, words, state }: CheckProps) {
  const status = state?.state ?? 'pending';
  const said = {
    passed: words.done,
    kept: words.held,
    broken: fill(words.broken, { detail: state?.detail ?? '' }),
    pending: words.open,
  }[status];
  return (
    <li class={status}>
      <span class="lab-check-mark" aria-hidden="true">
        {MARKS[status]}
      </span>
      <span>{inline(check.text[locale])}</span>
      <span class={status === 'pending' || status === 'passed' ? 'lab-hidden' : 'lab-check-said'}> ({said})</span>
    </li>
  );
}

interface AnnouncerProps {
  readonly steps: readonly StepDefinition[];
  readonly locale: Locale;
  readonly words: LabControlStrings;
  readonly states: ReadonlyMap<string, CheckState>;
}

/** Says to a screen reader which check has just ticked. */
function Announcer({ steps, locale, words, states }: AnnouncerProps) {
  const before = useRef<ReadonlySet<string>>();
  const [said, setSaid] = useState('');
  useEffect(() => {
    const now = new Set([...states].filter(([, state]) => state.state === 'passed').map(([key]) => key));
    const fresh = before.current && [...now].filter((key) => !before.current!.has(key)).at(-1);
    before.current = now;
    const check = steps
      .flatMap(({ id, checks }) => checks.map((c) => ({ key: `${id}/${c.id}`, c })))
      .find(({ key }) => key === fresh);
    if (check) setSaid(fill(words.checkPassed, { text: check.c.text[locale].replaceAll(/[`*]/g, '') }));
  }, [states, steps, locale, words]);
  return (
    <p class="lab-hidden" role="status">
      {said}
    </p>
  );
}
