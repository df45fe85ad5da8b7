import type { ComponentType } from 'preact';
import type { LabStrings } from '../../../i18n/lab.ts';
import type { LabDefinition } from '../../../lab/definition.ts';
import type { LabHandle } from '../handle.ts';
import { StepsView } from '../steps/StepsView.tsx';
import { TerminalView } from '../terminal/TerminalView.tsx';
import { terminalOf } from '../terminal/terminal-of.ts';
import { ClusterView } from './ClusterView.tsx';
import { EventsView } from './EventsView.tsx';
import { ObjectsView } from './ObjectsView.tsx';
import { SchedulerView } from './SchedulerView.tsx';
import { TimelineView } from './TimelineView.tsx';

export type LabView = ComponentType<{ lab: LabHandle }>;

interface ViewEntry {
  readonly id: string;
  readonly title: keyof LabStrings;
  readonly View: LabView;
  /** Also in a small lab. */
  readonly compact: boolean;
}

const Terminal: LabView = ({ lab }) => <TerminalView lab={lab} words={lab.words} />;

const Steps: LabView = ({ lab }) => (
  <StepsView
    lab={lab}
    words={lab.words}
    steps={lab.definition.steps}
    onRun={(line) => {
      lab.show('terminal');
      // A terminal that cannot be loaded says so itself.
      terminalOf(lab, lab.words).then(
        (terminal) => terminal.run(line),
        () => undefined,
      );
    }}
  />
);

const VIEWS: readonly ViewEntry[] = [
  { id: 'cluster', title: 'tabCluster', View: ClusterView, compact: true },
  { id: 'timeline', title: 'tabTimeline', View: TimelineView, compact: true },
  { id: 'objects', title: 'tabObjects', View: ObjectsView, compact: false },
  { id: 'scheduler', title: 'tabScheduler', View: SchedulerView, compact: false },
  { id: 'events', title: 'tabEvents', View: EventsView, compact: true },
  { id: 'terminal', title: 'tabTerminal', View: Terminal, compact: true },
  { id: 'steps', title: 'tabSteps', View: Steps, compact: false },
];

/** The views that a lab offers, in the order of its tabs. */
export const viewsOf = ({ steps }: LabDefinition, compact: boolean): readonly ViewEntry[] =>
  VIEWS.filter(({ id, compact: small }) => (small || !compact) && (id !== 'steps' || steps.length > 0));
