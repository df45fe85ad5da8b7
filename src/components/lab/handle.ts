import type { ReadonlySignal } from '@preact/signals';
import type { LabControlStrings } from '../../i18n/lab-controls.ts';
import type { LabStrings } from '../../i18n/lab.ts';
import type { LabDefinition } from '../../lab/definition.ts';
import type { LabSession, Locale } from '../../lab/protocol.ts';
import type { LabModel } from './model.ts';

/** What every view of a lab is given. */
export interface LabHandle {
  /** Tells this lab from every other of the page; fit for an element's id. */
  readonly instance: string;
  readonly definition: LabDefinition;
  readonly locale: Locale;
  readonly strings: LabStrings;
  readonly words: LabControlStrings;
  readonly model: LabModel;
  /** Checks that held on an earlier visit, as `step/check`. */
  readonly doneBefore: ReadonlySignal<ReadonlySet<string>>;
  /** The session, started when it was not yet. */
  session(): Promise<LabSession>;
  /** Brings a view to the front. */
  show(view: 'cluster' | 'timeline' | 'objects' | 'scheduler' | 'events' | 'terminal' | 'steps'): void;
}
