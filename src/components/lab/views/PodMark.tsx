import type { PodShape } from '../projection/pod.ts';

/** A shape for each state, so that colour is never the only sign. Drawn on a 16 × 16 field. */
const PATHS: Readonly<Record<PodShape, preact.JSX.Element>> = {
  ready: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="M4.6 8.3 7 10.7l4.4-5" class="cut" />
    </>
  ),
  starting: (
    <>
      <circle cx="8" cy="8" r="6" class="line" />
      <path d="M8 2a6 6 0 0 1 0 12z" class="fill" />
    </>
  ),
  pending: <circle cx="8" cy="8" r="6" class="line" stroke-dasharray="2.6 2.1" />,
  failing: (
    <>
      <path d="M8 1.2 15.2 14H.8z" class="fill" />
      <path d="M8 5.6v4.2M8 11.6v.6" class="cut" />
    </>
  ),
  ending: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="2" class="line" />
      <path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" class="line" />
    </>
  ),
  done: (
    <>
      <circle cx="8" cy="8" r="6" class="line" />
      <path d="M5 8.3 7.2 10.5l3.8-4.3" class="line" />
    </>
  ),
};

export const PodMark = ({ shape }: { shape: PodShape }) => (
  <svg class={`lab-mark ${shape}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    {PATHS[shape]}
  </svg>
);
