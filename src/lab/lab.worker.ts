/** A lab's cluster in its own thread: one worker, one session. */
import * as Comlink from 'comlink';
import { hostClock } from '../kernel/index.ts';
import type { LabSession } from './protocol.ts';
import { Session } from './session.ts';

/** Between two frames at least, wall milliseconds: more than this nobody sees. */
const FRAME_MS = 16;

/** Longest wait for the page's next frame; a page in the background draws none. */
const FRAME_LIMIT_MS = 250;

let last = -Infinity;

/**
 * The first change after a while goes to the page at once, which then has it in its very next frame; those that
 * follow wait for one another.
 */
function nextFrame(draw: () => void): void {
  let drawn = false;
  const once = (): void => {
    if (drawn) return;
    drawn = true;
    clearTimeout(limit);
    last = performance.now();
    draw();
  };
  const limit = setTimeout(once, FRAME_LIMIT_MS);
  if (performance.now() - last >= FRAME_MS) queueMicrotask(once);
  else if (typeof requestAnimationFrame === 'function') requestAnimationFrame(once);
  else setTimeout(once, FRAME_MS);
}

Comlink.expose(new Session({ clock: hostClock, nextFrame }) satisfies LabSession);
