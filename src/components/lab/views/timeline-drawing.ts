import type { ShownSpan } from '../../../lab/protocol.ts';
import type { TimelineBar, TimelinePicture } from '../projection/timeline.ts';

export const LANE_HEIGHT = 24;
export const RULER_HEIGHT = 20;
const BAR_HEIGHT = 14;

/** Which part of the timeline is seen: `offset` and width in the picture's units, `scale` pixels per unit. */
export interface Viewport {
  readonly offset: number;
  readonly scale: number;
  /** Pixels. */
  readonly width: number;
}

export interface DrawingState {
  readonly picture: TimelinePicture;
  readonly view: Viewport;
  /** Virtual time of the cluster's start. */
  readonly epoch: number;
  readonly selected: number | undefined;
  /** Causes and effects of the selection. */
  readonly chain: ReadonlySet<number> | undefined;
}

/** The first bar that begins at or after `x`. */
function firstFrom(bars: readonly TimelineBar[], x: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle]!.x < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bars that may reach into the viewport. Long ones begin far to the left, so a margin of columns is looked at. */
export function barsInView(picture: TimelinePicture, { offset, scale, width }: Viewport): readonly TimelineBar[] {
  const from = Math.max(0, firstFrom(picture.bars, offset) - 400);
  const end = offset + width / scale;
  return picture.bars.slice(from, firstFrom(picture.bars, end)).filter((bar) => bar.x + bar.width >= offset);
}

const refused = ({ attributes }: ShownSpan): boolean =>
  typeof attributes['code'] === 'number' && attributes['code'] >= 400;

const readColours = (canvas: HTMLCanvasElement) => {
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: colour('--lab-text'),
    quiet: colour('--lab-quiet'),
    rule: colour('--lab-rule'),
    stripe: colour('--lab-stripe'),
    bar: colour('--lab-bar'),
    accent: colour('--lab-accent'),
    bad: colour('--lab-bad'),
    ground: colour('--lab-ground'),
    font: `11px ${style.fontFamily}`,
  };
};

type Colours = ReturnType<typeof readColours>;

const laneMiddle = (lane: number): number => RULER_HEIGHT + lane * LANE_HEIGHT + LANE_HEIGHT / 2;

function drawRuler(
  g: CanvasRenderingContext2D,
  { view, epoch }: DrawingState,
  bars: readonly TimelineBar[],
  colours: Colours,
): void {
  g.fillStyle = colours.quiet;
  g.strokeStyle = colours.rule;
  let free = 0;
  let shown: number | undefined;
  for (const { span, x } of bars) {
    const at = (x - view.offset) * view.scale;
    if (span.start === shown || at < free) continue;
    const label = `${((span.start - epoch) / 1000).toFixed(3)} s`;
    g.fillText(label, at + 3, RULER_HEIGHT - 7);
    g.beginPath();
    g.moveTo(at + 0.5, 4);
    g.lineTo(at + 0.5, RULER_HEIGHT);
    g.stroke();
    shown = span.start;
    free = at + g.measureText(label).width + 16;
  }
}

/** An arrow from a cause in one lane to its effect in another. */
function drawArrow(
  g: CanvasRenderingContext2D,
  { picture, view, chain }: DrawingState,
  bar: TimelineBar,
  colours: Colours,
): void {
  const cause = picture.barOf.get(bar.span.parent);
  if (!cause || cause.lane === bar.lane) return;
  const lit = chain?.has(bar.span.id) === true && chain.has(cause.span.id);
  if (chain && !lit) return;
  const x1 = (cause.x + Math.min(cause.width, 6) - view.offset) * view.scale;
  const x2 = (bar.x - view.offset) * view.scale;
  const down = bar.lane > cause.lane ? 1 : -1;
  const y1 = laneMiddle(cause.lane) + (down * BAR_HEIGHT) / 2;
  const y2 = laneMiddle(bar.lane) - (down * BAR_HEIGHT) / 2;
  g.strokeStyle = g.fillStyle = lit ? colours.accent : colours.quiet;
  g.globalAlpha = lit ? 1 : 0.45;
  g.lineWidth = lit ? 1.75 : 1;
  g.beginPath();
  g.moveTo(x1, y1);
  g.bezierCurveTo(x1, (y1 + y2) / 2, x2 + 4, (y1 + y2) / 2, x2 + 4, y2 - down * 4);
  g.stroke();
  g.beginPath();
  g.moveTo(x2 + 4, y2);
  g.lineTo(x2 + 1, y2 - down * 5);
  g.lineTo(x2 + 7, y2 - down * 5);
  g.fill();
  g.globalAlpha = 1;
  g.lineWidth = 1;
}

function drawBar(
  g: CanvasRenderingContext2D,
  state: DrawingState,
  bar: TimelineBar,
  room: number,
  colours: Colours,
): void {
  const { view, chain, selected } = state;
  const { span } = bar;
  const x = (bar.x - view.offset) * view.scale;
  const width = Math.max(3, bar.width * view.scale);
  const y = laneMiddle(bar.lane) - BAR_HEIGHT / 2;
  const lit = chain?.has(span.id) === true;
  g.globalAlpha = chain && !lit ? 0.25 : 1;
  g.fillStyle = refused(span) ? colours.bad : lit ? colours.accent : colours.bar;
  g.beginPath();
  g.roundRect(x, y, width, BAR_HEIGHT, 3);
  g.fill();
  if (refused(span)) {
    // A refusal is marked by shape as well.
    g.strokeStyle = colours.ground;
    g.beginPath();
    g.moveTo(x + 2, y + 3);
    g.lineTo(x + Math.min(width, 11) - 2, y + BAR_HEIGHT - 3);
    g.moveTo(x + Math.min(width, 11) - 2, y + 3);
    g.lineTo(x + 2, y + BAR_HEIGHT - 3);
    g.stroke();
  }
  if (span.id === selected) {
    g.strokeStyle = colours.text;
    g.lineWidth = 2;
    g.strokeRect(x - 2, y - 3, width + 4, BAR_HEIGHT + 6);
    g.lineWidth = 1;
  }
  if (room > 70) {
    g.save();
    g.beginPath();
    g.rect(x, y - 6, room - 6, BAR_HEIGHT + 12);
    g.clip();
    g.fillStyle = colours.text;
    g.fillText(span.name, x + width + 4, y + BAR_HEIGHT - 3);
    g.restore();
  }
  g.globalAlpha = 1;
}

export function drawTimeline(canvas: HTMLCanvasElement, state: DrawingState): void {
  const g = canvas.getContext('2d');
  if (!g) return;
  const { picture, view } = state;
  const height = RULER_HEIGHT + picture.lanes.length * LANE_HEIGHT;
  const density = devicePixelRatio || 1;
  canvas.width = Math.round(view.width * density);
  canvas.height = Math.round(height * density);
  canvas.style.height = `${height}px`;
  g.scale(density, density);
  const colours = readColours(canvas);
  g.font = colours.font;
  picture.lanes.forEach((_, lane) => {
    g.fillStyle = lane % 2 === 0 ? colours.stripe : colours.ground;
    g.fillRect(0, RULER_HEIGHT + lane * LANE_HEIGHT, view.width, LANE_HEIGHT);
  });
  const bars = barsInView(picture, view);
  drawRuler(g, state, bars, colours);
  for (const bar of bars) drawArrow(g, state, bar, colours);
  const next = new Map<number, number>();
  for (const bar of [...bars].reverse()) {
    const until = next.get(bar.lane) ?? view.offset + view.width / view.scale;
    drawBar(g, state, bar, (until - bar.x) * view.scale, colours);
    next.set(bar.lane, bar.x);
  }
}

/** How far beside a bar a click still means it, in pixels. */
const NEAR = 14;

/** The bar at a point of the canvas, in pixels: the nearest in that lane. */
export function barAt(picture: TimelinePicture, view: Viewport, x: number, y: number): TimelineBar | undefined {
  const lane = Math.floor((y - RULER_HEIGHT) / LANE_HEIGHT);
  const at = view.offset + x / view.scale;
  let best: TimelineBar | undefined;
  let least = NEAR / view.scale;
  for (const bar of barsInView(picture, view)) {
    const distance = Math.max(bar.x - at, at - bar.x - bar.width, 0);
    if (bar.lane !== lane || distance > least) continue;
    best = bar;
    least = distance;
  }
  return best;
}
