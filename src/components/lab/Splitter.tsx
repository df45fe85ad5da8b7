import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';

const MIN = 25;
const MAX = 70;

/** Two panes side by side with a handle between them; one above the other where there is no room (see lab.css). */
export function Splitter({ label, children: [left, right] }: { label: string; children: [JSX.Element, JSX.Element] }) {
  const frame = useRef<HTMLDivElement>(null);
  const percent = useSignal(40);
  const set = (value: number): void => void (percent.value = Math.round(Math.min(MAX, Math.max(MIN, value))));
  return (
    <div class="lab-body" ref={frame} style={{ '--split': `${percent.value}%` }}>
      {left}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuemin={MIN}
        aria-valuemax={MAX}
        aria-valuenow={percent.value}
        tabIndex={0}
        class="lab-splitter"
        onKeyDown={(event) => {
          const step = { ArrowLeft: -3, ArrowRight: 3 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          set(percent.peek() + step);
        }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const { left: start, width } = frame.current!.getBoundingClientRect();
          set(((event.clientX - start) / width) * 100);
        }}
      />
      {right}
    </div>
  );
}
