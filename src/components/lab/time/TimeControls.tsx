import { useState } from 'preact/hooks';
import { fill } from '../../../i18n/fill.ts';
import type { LabControlStrings } from '../../../i18n/lab-controls.ts';
import type { LabSession, SteppedEvent } from '../../../lab/protocol.ts';
import type { LabHandle } from '../handle.ts';
import { elapsed } from './elapsed.ts';
import { LatestCall } from './latest-call.ts';
import { positionOfSpeed, SPEEDS } from './speed.ts';
import './time.css';

interface TimeProps {
  readonly lab: LabHandle;
  readonly words: LabControlStrings;
}

/** How long after the answer its frame may take, ms. */
const HOLD_MS = 100;

/** Pause, step, speed, and the scrubber over revisions. */
export function TimeControls({ lab, words }: TimeProps) {
  const clock = lab.model.clock.value;
  const [said, setSaid] = useState('');
  // Where the reader holds the slider, until the cluster shows it: frames on their way do not pull it back.
  const [held, setHeld] = useState<number>();
  const [scrub] = useState(
    () =>
      new LatestCall<number | null>(
        async (revision) => (await lab.session()).viewRevision(revision),
        () => setTimeout(() => setHeld(undefined), HOLD_MS),
      ),
  );
  const off = clock === undefined;
  const { paused = false, past = false, speed = 1, revision = 0, headRevision = 0, oldestRevision = 0 } = clock ?? {};
  const call = (body: (session: LabSession) => Promise<unknown>): void => {
    // A call that fails because the worker was started again is told by the lab itself.
    lab
      .session()
      .then(body)
      .catch(() => undefined);
  };
  const step = (body: (session: LabSession) => Promise<SteppedEvent | null>): void =>
    call(async (session) => {
      const event = await body(session);
      setSaid(
        event
          ? fill(words.stepped, { owner: event.owner, time: elapsed(event.due - (clock?.epoch ?? 0)) })
          : words.nothingToStep,
      );
    });
  const show = (target: number): void => {
    setHeld(target);
    scrub.call(target >= headRevision ? null : target);
  };
  const position = positionOfSpeed(speed);
  const speedText = (at: number): string => (SPEEDS[at] === Infinity ? words.speedMax : `${SPEEDS[at]}×`);
  const time = elapsed((clock?.shownTime ?? 0) - (clock?.epoch ?? 0));
  return (
    <div class="lab-time" role="group" aria-label={words.timeControls}>
      <div class="lab-time-row">
        <button type="button" disabled={off} onClick={() => call((s) => (paused ? s.resume() : s.pause()))}>
          <span aria-hidden="true">{paused ? '▶' : '❚❚'}</span> {paused ? words.resume : words.pause}
        </button>
        <button
          type="button"
          disabled={off}
          title={words.stepHelp}
          onClick={() => (past ? show(revision + 1) : step((s) => s.stepEvent()))}
        >
          {words.step}
        </button>
        <button
          type="button"
          disabled={off || past}
          title={words.stepRequestHelp}
          onClick={() => step((s) => s.stepRequest())}
        >
          {words.stepRequest}
        </button>
        <label class="lab-time-speed">
          <span aria-hidden="true">{words.speed}</span>
          <input
            type="range"
            aria-label={words.speed}
            min={0}
            max={SPEEDS.length - 1}
            step={1}
            value={position}
            disabled={off}
            aria-valuetext={speedText(position)}
            onInput={(event) => {
              const at = Number(event.currentTarget.value);
              call((s) => s.setSpeed(SPEEDS[at]!));
            }}
          />
          <output>{speedText(position)}</output>
        </label>
      </div>
      <div class="lab-time-row">
        <label class="lab-time-scrub">
          <span aria-hidden="true">{words.time}</span>
          <input
            type="range"
            aria-label={words.time}
            min={oldestRevision}
            max={Math.max(headRevision, oldestRevision)}
            step={1}
            value={held ?? revision}
            disabled={off}
            aria-valuetext={fill(words.timeText, { revision, head: headRevision, time })}
            onInput={(event) => show(Number(event.currentTarget.value))}
          />
          <output>
            {time} · {revision}/{headRevision}
          </output>
        </label>
      </div>
      {past && (
        <div class="lab-time-row lab-time-past">
          <span>{fill(words.past, { revision })}</span>
          <button type="button" onClick={() => call((s) => s.branchHere())}>
            {words.continueHere}
          </button>
          <button type="button" onClick={() => scrub.call(null)}>
            {words.backToNow}
          </button>
        </div>
      )}
      <p class="lab-hidden" role="status">
        {said}
      </p>
    </div>
  );
}
