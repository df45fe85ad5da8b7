import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { fill } from '../../i18n/fill.ts';
import type { LabStrings } from '../../i18n/lab.ts';
import type { LabMessage } from '../../lab/protocol.ts';
import type { Connection } from './connection.ts';
import type { ClockState, LabModel } from './model.ts';

interface LabStateProps {
  readonly connection: Connection;
  readonly model: LabModel;
  readonly strings: LabStrings;
  /** Buttons at the end of the line. */
  readonly children: ComponentChildren;
}

const MESSAGES = {
  branched: 'branched',
  'start-failed': 'startFailed',
  'component-failed': 'componentFailed',
} as const satisfies Record<LabMessage['code'], keyof LabStrings>;

function clockText({ past, paused, settled }: ClockState, strings: LabStrings): string {
  if (past) return strings.statePast;
  if (paused) return strings.statePaused;
  return settled ? strings.stateSettled : strings.stateRunning;
}

function Revision({ clock, strings }: { clock: Signal<ClockState | undefined>; strings: LabStrings }) {
  return clock.value ? (
    <span class="lab-revision">{fill(strings.revision, { revision: clock.value.revision })}</span>
  ) : null;
}

/** The line on top of a lab: whether its cluster runs, and what went wrong when it does not. */
export function LabState({ connection, model, strings, children }: LabStateProps) {
  const state = connection.state.value;
  const clock = model.clock.value;
  const trouble = connection.trouble.value;
  const message = connection.message.value;
  const text = {
    waiting: strings.stateWaiting,
    starting: strings.stateStarting,
    running: clock ? clockText(clock, strings) : strings.stateStarting,
    failed: fill(strings.failed, { error: trouble?.detail ?? '' }),
  }[state];
  return (
    <div class="lab-state">
      <span class={`lab-light ${state}`} aria-hidden="true" />
      <span role="status">
        {text}
        {state === 'running' && trouble && ` · ${strings.crashed}`}
        {message && ` · ${fill(strings[MESSAGES[message.code]], { detail: message.text })}`}
      </span>
      {state === 'failed' && (
        <button type="button" class="lab-small" onClick={() => connection.retry()}>
          {strings.tryAgain}
        </button>
      )}
      {state === 'running' && <Revision clock={model.clock} strings={strings} />}
      <span class="lab-spring" />
      {children}
    </div>
  );
}
