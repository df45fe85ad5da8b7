import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Lab, type LabPage } from './lab.ts';
import { KeyboardHelp } from './KeyboardHelp.tsx';
import { LabState } from './LabState.tsx';
import { ManifestPane } from './ManifestPane.tsx';
import { setApart } from './set-apart.ts';
import { Splitter } from './Splitter.tsx';
import { Tabs } from './Tabs.tsx';
import { TimeControls } from './time/TimeControls.tsx';
import { viewsOf } from './views/index.tsx';

interface LabAppProps extends LabPage {
  /** A small lab, as on the home page: fewer views, no steps. */
  readonly compact: boolean;
  /** The files as the page came with them, highlighted. */
  readonly children?: ComponentChildren;
}

/** A lab: the reader's manifests on one side, the cluster on the other, time below. */
export default function LabApp(props: LabAppProps) {
  const { strings, words, compact, children } = props;
  const lab = useMemo(() => new Lab(props), []);
  const root = useRef<HTMLDivElement>(null);
  const still = useSignal(true);
  const expanded = useSignal(false);
  useEffect(() => {
    still.value = false;
    return lab.attach(root.current!);
  }, []);

  useEffect(() => {
    if (!expanded.value) return undefined;
    const release = setApart(root.current!);
    const onKeyDown = (event: KeyboardEvent): void => {
      const { target } = event;
      // The editor, the terminal and the timeline have their own use for Escape.
      const theirs = target instanceof Element && target.closest('.lab-editor, .lab-terminal, canvas, [popover]');
      if (event.key === 'Escape' && !theirs && !event.defaultPrevented) expanded.value = false;
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      release();
      document.removeEventListener('keydown', onKeyDown);
    };
  }, [expanded.value]);

  const views = viewsOf(lab.definition, compact);
  const { View } = views.find(({ id }) => id === lab.view.value) ?? views[0]!;
  return (
    <div class={expanded.value ? 'lab-app expanded' : 'lab-app'} ref={root}>
      <LabState connection={lab.connection} model={lab.model} strings={strings}>
        {!compact && (
          <>
            <KeyboardHelp instance={lab.instance} strings={strings} />
            <button type="button" class="lab-small" disabled={still.value} onClick={() => lab.share()}>
              {strings.share}
            </button>
          </>
        )}
        <button
          type="button"
          class="lab-small lab-expand"
          disabled={still.value}
          aria-pressed={expanded.value}
          onClick={() => (expanded.value = !expanded.value)}
        >
          {expanded.value ? strings.shrink : strings.expand}
        </button>
      </LabState>
      <Splitter label={strings.resize}>
        <ManifestPane lab={lab} still={still.value}>
          {children}
        </ManifestPane>
        <Tabs
          label={strings.views}
          prefix={`lab-${lab.instance}`}
          tabs={views.map(({ id, title }) => ({ id, title: strings[title] }))}
          selected={lab.view.value}
          disabled={still.value}
          onSelect={(id) => lab.show(id)}
        >
          <View lab={lab} />
        </Tabs>
      </Splitter>
      <TimeControls lab={lab} words={words} />
    </div>
  );
}
