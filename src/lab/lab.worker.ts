/** A lab's cluster in its own thread: one worker, one session. */
import * as Comlink from 'comlink';
import { hostClock } from '../kernel/index.ts';
import type { LabSession } from './protocol.ts';
import { Session } from './session.ts';

/** Longest wait for the page's next frame; a page in the background draws none. */
const FRAME_LIMIT_MS = 250;

function nextFrame(draw: () => void): void {
  let drawn = false;
  const once = (): void => {
    if (drawn) return;
    drawn = true;
    clearTimeout(limit);
    draw();
  };
  const limit = setTimeout(once, FRAME_LIMIT_MS);
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(once);
  else setTimeout(once, 16);
}

Comlink.expose(new Session({ clock: hostClock, nextFrame }) satisfies LabSession);
