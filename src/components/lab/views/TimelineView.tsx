import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { LabHandle } from '../handle.ts';
import { causalChain, timelinePicture, visibleSpans, type TimelinePicture } from '../projection/timeline.ts';
import { Inspector } from './Inspector.tsx';
import { barAt, drawTimeline, LANE_HEIGHT, RULER_HEIGHT, type Viewport } from './timeline-drawing.ts';
import { TimelineList } from './TimelineList.tsx';

const MIN_SCALE = 0.02;
const MAX_SCALE = 12;

/** `latest`: from the last command on; `all`: the whole trace fits; `end`: the newest stays in sight; `free`: as the reader left it. */
type Mode = 'latest' | 'all' | 'end' | 'free';

/** Space after the newest span, in units. */
const MARGIN = 40;

/** Below this, arrows run into one another. */
const LEGIBLE = 0.4;

function place(mode: Mode, view: Viewport, { width, latest }: TimelinePicture): Viewport {
  const fitting = (from: number, least: number): number =>
    Math.min(1.5, Math.max(least, (view.width - 8) / Math.max(1, width - from + MARGIN)));
  switch (mode) {
    case 'latest':
      return { ...view, scale: fitting(latest, LEGIBLE), offset: Math.max(0, latest - 8) };
    case 'all':
      return { ...view, scale: fitting(0, MIN_SCALE), offset: 0 };
    case 'end':
      return { ...view, offset: Math.max(0, width + MARGIN - view.width / view.scale) };
    case 'free':
      return view;
  }
}

/** Swim lanes of everything that happened, with arrows from causes to effects; the same as a list below. */
export function TimelineView({ lab }: { lab: LabHandle }) {
  const { model, strings } = lab;
  const canvas = useRef<HTMLCanvasElement>(null);
  const everything = useSignal(false);
  const mode = useSignal<Mode>('latest');
  const view = useSignal<Viewport>({ offset: 0, scale: 1, width: 600 });
  const theme = useSignal(0);

  const spans = useComputed(() => {
    void model.spansVersion.value;
    const clock = model.clock.value;
    return visibleSpans(model.spans, clock?.past ? clock.shownTime : Infinity, everything.value);
  });
  const picture = useComputed(() => timelinePicture(spans.value));
  const placed = useComputed(() => place(mode.value, view.value, picture.value));
  const selected = useComputed(() => (model.selection.value?.type === 'span' ? model.selection.value.id : undefined));
  const chain = useComputed(() =>
    selected.value === undefined ? undefined : causalChain(model.spans, selected.value),
  );

  useLayoutEffect(() => {
    const element = canvas.current!;
    const sizes = new ResizeObserver(() => (view.value = { ...view.value, width: element.clientWidth }));
    sizes.observe(element);
    const themes = new MutationObserver(() => theme.value++);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
    };
  }, []);

  const { value: shownPicture } = picture;
  const { value: shownView } = placed;
  useEffect(() => {
    const draw = requestAnimationFrame(() =>
      drawTimeline(canvas.current!, {
        picture: shownPicture,
        view: shownView,
        epoch: model.clock.peek()?.epoch ?? 0,
        selected: selected.value,
        chain: chain.value,
      }),
    );
    return () => cancelAnimationFrame(draw);
  }, [shownPicture, shownView, selected.value, chain.value, theme.value]);

  const free = (next: Partial<Viewport>): void => {
    const { width } = picture.peek();
    const merged = { ...placed.peek(), ...next };
    const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, merged.scale));
    const last = Math.max(0, width - merged.width / scale / 2);
    mode.value = 'free';
    view.value = { ...merged, scale, offset: Math.min(last, Math.max(0, merged.offset)) };
  };
  const zoom = (factor: number, at = placed.peek().width / 2): void => {
    const { offset, scale } = placed.peek();
    const next = Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale * factor));
    free({ scale: next, offset: offset + at / scale - at / next });
  };
  const select = (id: number | undefined): void => {
    model.selection.value = id === undefined ? undefined : { type: 'span', id };
    const bar = id === undefined ? undefined : picture.peek().barOf.get(id);
    if (!bar) return;
    const { offset, scale, width } = placed.peek();
    const margin = 60 / scale;
    if (bar.x < offset + margin) free({ offset: bar.x - margin * 2 });
    else if (bar.x > offset + width / scale - margin) free({ offset: bar.x + margin * 2 - width / scale });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const list = spans.peek();
    const at = list.findIndex(({ id }) => id === selected.peek());
    const actions: Readonly<Record<string, () => void>> = {
      ArrowRight: () => select(list[Math.min(list.length - 1, at + 1)]?.id),
      ArrowLeft: () => select(list[at < 0 ? list.length - 1 : Math.max(0, at - 1)]?.id),
      ArrowUp: () => picture.peek().barOf.has(list[at]?.parent ?? 0) && select(list[at]!.parent),
      ArrowDown: () => at >= 0 && select(list.find(({ parent }) => parent === list[at]!.id)?.id ?? list[at]!.id),
      '+': () => zoom(1.5),
      '=': () => zoom(1.5),
      '-': () => zoom(1 / 1.5),
      Home: () => (mode.value = 'all'),
      End: () => (mode.value = 'end'),
      Escape: () => select(undefined),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  const drag = useRef<{ x: number; offset: number; moved: boolean } | undefined>(undefined);
  const onWheel = (event: WheelEvent): void => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    // A wheel that only passes over the picture scrolls the page.
    if (!sideways && document.activeElement !== canvas.current && !event.ctrlKey) return;
    event.preventDefault();
    const { offset, scale } = placed.peek();
    if (sideways) free({ offset: offset + (event.deltaX || event.deltaY) / scale });
    else zoom(Math.exp(-event.deltaY / 300), event.offsetX);
  };
  useEffect(() => {
    const element = canvas.current!;
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const help = `${lab.instance}-timeline-help`;
  return (
    <div class="lab-timeline">
      <div class="lab-bar">
        <button type="button" class="lab-small" aria-label={strings.zoomIn} onClick={() => zoom(1.5)}>
          +
        </button>
        <button type="button" class="lab-small" aria-label={strings.zoomOut} onClick={() => zoom(1 / 1.5)}>
          −
        </button>
        <button
          type="button"
          class="lab-small"
          aria-pressed={mode.value === 'latest'}
          onClick={() => (mode.value = 'latest')}
        >
          {strings.latest}
        </button>
        <button
          type="button"
          class="lab-small"
          aria-pressed={mode.value === 'all'}
          onClick={() => (mode.value = 'all')}
        >
          {strings.zoomAll}
        </button>
        <button
          type="button"
          class="lab-small"
          aria-pressed={mode.value === 'end'}
          onClick={() => {
            view.value = { ...placed.peek(), scale: 1 };
            mode.value = 'end';
          }}
        >
          {strings.follow}
        </button>
        <label class="lab-toggle" title={strings.everythingHelp}>
          <input
            type="checkbox"
            checked={everything.value}
            onChange={({ currentTarget }) => (everything.value = currentTarget.checked)}
          />{' '}
          {strings.everything}
        </label>
      </div>
      <div class="lab-lanes" style={{ '--lane': `${LANE_HEIGHT}px`, '--ruler': `${RULER_HEIGHT}px` }}>
        <ol aria-hidden="true">
          {shownPicture.lanes.map((lane) => (
            <li key={lane} title={lane}>
              {lane}
            </li>
          ))}
        </ol>
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-label={strings.timelineChart}
          aria-describedby={help}
          onKeyDown={onKeyDown}
          onPointerDown={(event) => {
            drag.current = { x: event.clientX, offset: placed.peek().offset, moved: false };
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            if (!drag.current) return;
            const by = event.clientX - drag.current.x;
            if (Math.abs(by) > 4) drag.current.moved = true;
            if (drag.current.moved) free({ offset: drag.current.offset - by / placed.peek().scale });
          }}
          onPointerUp={(event) => {
            const { moved } = drag.current ?? { moved: true };
            drag.current = undefined;
            if (!moved) select(barAt(picture.peek(), placed.peek(), event.offsetX, event.offsetY)?.span.id);
          }}
        />
      </div>
      <p id={help} class="lab-quiet">
        {spans.value.length === 0 ? strings.timelineEmpty : strings.timelineHelp}
        {model.spansDropped.value && ` ${strings.spansDropped}`}
      </p>
      <TimelineList lab={lab} spans={spans.value} />
      <Inspector lab={lab} />
    </div>
  );
}
