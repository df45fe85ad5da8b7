import { useMemo, useState } from 'preact/hooks';
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

/** The write that made a revision, which leads to its causes. */
function PastWrite({ lab, revision, words }: TimeProps & { revision: number }) {
  const { spans, selection } = lab.model;
  const write = useMemo(
    () =>
      [...spans.values()].find(
        ({ component, attributes }) => component === 'etcd' && attributes['revision'] === revision,
      ),
    [revision],
  );
  if (!write) return null;
  return (
    <>
      {' '}
      {words.pastWrite}:{' '}
      <button
        type="button"
        class="lab-link"
        onClick={() => {
          selection.value = { type: 'span', id: write.id };
          lab.show('timeline');
        }}
      >
        {write.name}
      </button>
    </>
  );
}

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
  // History is lived through once more up to here, which takes a while after many hours.
  const [replaying, setReplaying] = useState(false);
  const off = clock === undefined || replaying;
  const { paused = false, past = false, speed = 1, revision = 0, headRevision = 0 } = clock ?? {};
  const stops = lab.model.stops.value;
  const now = Math.max(0, stops.length - 1);
  const stop = past
    ? Math.max(
        0,
        stops.findLastIndex((each) => each <= revision),
      )
    : now;
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
      setSaid(event ? fill(words.stepped, { owner: event.owner, time: sinceStart(event.due) }) : words.nothingToStep);
    });
  const continueHere = (): void =>
    call((session) => {
      setReplaying(true);
      return session.branchHere().finally(() => setReplaying(false));
    });
  const show = (target: number): void => {
    setHeld(target);
    scrub.call(target >= now ? null : stops[target]!);
  };
  const position = positionOfSpeed(speed);
  const speedText = (at: number): string => (SPEEDS[at] === Infinity ? words.speedMax : `${SPEEDS[at]}×`);
  const sinceStart = (at = 0): string => elapsed(at - (clock?.epoch ?? 0));
  const time = sinceStart(clock?.shownTime);
  const forgotten = clock !== undefined && clock.oldestTime > clock.epoch;
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
          onClick={() => (past ? show(stop + 1) : step((s) => s.stepEvent()))}
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
            min={0}
            max={now}
            step={1}
            value={held ?? stop}
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
          <span>
            {fill(words.past, { revision })}
            <PastWrite lab={lab} revision={revision} words={words} />
          </span>
          <button type="button" disabled={off} aria-busy={replaying} onClick={continueHere}>
            {replaying ? words.replaying : words.continueHere}
          </button>
          <button type="button" disabled={off} onClick={() => scrub.call(null)}>
            {words.backToNow}
          </button>
        </div>
      )}
      {forgotten && <p class="lab-quiet">{fill(words.forgotten, { time: sinceStart(clock.oldestTime) })}</p>}
      <p class="lab-hidden" role="status">
        {said}
      </p>
    </div>
  );
}
