import type { LabControlStrings } from '../../../i18n/lab-controls.ts';
import type { LabHandle } from '../handle.ts';
import type { LabTerminal } from './lab-terminal.ts';

const terminals = new WeakMap<LabHandle, Promise<LabTerminal>>();

/** The one terminal of a lab; made, and its code loaded, at the first call. */
export function terminalOf(lab: LabHandle, words: LabControlStrings): Promise<LabTerminal> {
  let terminal = terminals.get(lab);
  if (!terminal) {
    terminal = import('./lab-terminal.ts').then(({ LabTerminal: Screen }) => new Screen(lab, words));
    terminals.set(lab, terminal);
    // What could not be loaded is tried again by the next call.
    terminal.catch(() => terminals.delete(lab));
  }
  return terminal;
}
