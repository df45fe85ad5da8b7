import { signal, useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { LabControlStrings } from '../../i18n/lab-controls.ts';
import type { LabStrings } from '../../i18n/lab.ts';
import type { LabDefinition } from '../../lab/definition.ts';
import type { AppliedFile, Finding, Locale } from '../../lab/protocol.ts';
import { Connection } from './connection.ts';
import { ManifestEditor } from './editor/ManifestEditor.tsx';
import type { LabHandle } from './handle.ts';
import { LabState } from './LabState.tsx';
import { Manifests } from './manifests.ts';
import { LabModel } from './model.ts';
import { Output } from './Output.tsx';
import { toFragment } from './share-link.ts';
import { Splitter } from './Splitter.tsx';
import { Tabs } from './Tabs.tsx';
import { TimeControls } from './time/TimeControls.tsx';
import { viewsOf } from './views/index.tsx';

interface LabAppProps {
  /** Tells this lab from every other of the page. */
  readonly instance: string;
  readonly lab: LabDefinition;
  readonly locale: Locale;
  readonly strings: LabStrings;
  readonly words: LabControlStrings;
  /** A small lab, as on the home page: fewer views, no steps. */
  readonly compact: boolean;
  /** The files as the page came with them, highlighted. */
  readonly children?: ComponentChildren;
}

const NO_FINDINGS: readonly Finding[] = [];

function createLab({ instance, lab, locale, strings, words }: LabAppProps) {
  const model = new LabModel();
  const connection = new Connection(lab, locale, model);
  const view = signal('cluster');
  const handle: LabHandle = {
    instance,
    definition: lab,
    locale,
    strings,
    words,
    model,
    session: () => connection.session(),
    show: (id) => (view.value = id),
  };
  return {
    model,
    view,
    connection,
    handle,
    manifests: new Manifests(lab.id, lab.files, lab.solution),
    answers: signal<readonly AppliedFile[]>([]),
    notice: signal(''),
    busy: signal(false),
  };
}

/** A lab: the reader's manifests on one side, the cluster on the other, time below. */
export default function LabApp(props: LabAppProps) {
  const { instance, lab, strings, words, locale, compact, children } = props;
  const { model, view, connection, handle, manifests, answers, notice, busy } = useMemo(() => createLab(props), []);
  const root = useRef<HTMLDivElement>(null);
  const ready = useSignal(false);
  const expanded = useSignal(false);
  const goTo = useSignal<Finding | undefined>(undefined);

  useEffect(() => {
    ready.value = true;
    void manifests.restore(location.hash).then((from) => {
      if (from === 'link') notice.value = strings.sharedGood;
      if (from === 'bad-link') notice.value = strings.sharedBad;
    });
    let inView = false;
    const update = (): void => {
      const visible = inView && !document.hidden;
      if (visible || connection.state.peek() !== 'waiting') connection.setVisible(visible);
    };
    const observer = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? false;
      update();
    });
    observer.observe(root.current!);
    document.addEventListener('visibilitychange', update);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', update);
    };
  }, []);

  const apply = async (): Promise<void> => {
    if (busy.peek()) return;
    busy.value = true;
    notice.value = '';
    connection.forgetTrouble();
    try {
      const files = manifests.toApply();
      const session = await connection.session();
      await session.setFiles(manifests.files.peek());
      answers.value = await session.apply(files);
      manifests.applied(files);
    } catch (error) {
      notice.value = error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  };
  const reset = async (): Promise<void> => {
    manifests.reset();
    answers.value = [];
    notice.value = strings.resetDone;
    model.selection.value = undefined;
    if (connection.state.peek() === 'running') await (await connection.session()).reset();
  };
  const share = async (): Promise<void> => {
    const fragment = toFragment(lab.id, manifests.files.peek());
    if (fragment === undefined) {
      notice.value = strings.shareTooLong;
      return;
    }
    const link = new URL(fragment, location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      notice.value = strings.shared;
    } catch {
      notice.value = `${strings.sharedShow} ${link}`;
    }
  };

  const findings = useComputed(() => {
    const found = answers.value.find(({ path }) => path === manifests.shown.value)?.findings;
    return found && found.length > 0 ? found : NO_FINDINGS;
  });
  const file = manifests.current.value;
  const views = viewsOf(lab, compact);
  const { View } = views.find(({ id }) => id === view.value) ?? views[0]!;
  const still = !ready.value;
  return (
    <div class={expanded.value ? 'lab-app expanded' : 'lab-app'} ref={root}>
      <LabState connection={connection} model={model} strings={strings}>
        {!compact && (
          <button type="button" class="lab-small" disabled={still} onClick={share}>
            {strings.share}
          </button>
        )}
        <button
          type="button"
          class="lab-small lab-expand"
          disabled={still}
          aria-pressed={expanded.value}
          onClick={() => (expanded.value = !expanded.value)}
        >
          {expanded.value ? strings.shrink : strings.expand}
        </button>
      </LabState>
      <Splitter label={strings.resize}>
        <div class="lab-manifests">
          {lab.files.length > 1 && (
            <div class="lab-files" role="group" aria-label={strings.files}>
              {lab.files.map(({ path }) => (
                <button
                  key={path}
                  type="button"
                  disabled={still}
                  aria-pressed={path === manifests.shown.value}
                  onClick={() => (manifests.shown.value = path)}
                >
                  {path}
                </button>
              ))}
            </div>
          )}
          {file && (
            <ManifestEditor
              key={file.path}
              instance={instance}
              path={file.path}
              index={lab.files.findIndex(({ path }) => path === file.path)}
              text={file.text}
              version={manifests.version.value}
              pristine={manifests.isPristine(file.path)}
              findings={findings.value}
              goTo={goTo.value}
              locale={locale}
              strings={strings}
              onChange={(text) => manifests.edit(file.path, text)}
              onApply={apply}
            >
              {children}
            </ManifestEditor>
          )}
          <div class="lab-actions">
            <button
              type="button"
              class="lab-apply"
              disabled={still}
              aria-keyshortcuts="Control+Enter Meta+Enter"
              onClick={apply}
            >
              {strings.apply}
            </button>
            <button type="button" disabled={still} onClick={reset}>
              {strings.reset}
            </button>
            {manifests.hasSolution && (
              <button
                type="button"
                disabled={still}
                onClick={() => {
                  manifests.solve();
                  notice.value = strings.solutionDone;
                }}
              >
                {strings.solution}
              </button>
            )}
            {manifests.replaced.value && (
              <button
                type="button"
                onClick={() => {
                  manifests.undo();
                  notice.value = strings.undoneDone;
                }}
              >
                {strings.undo}
              </button>
            )}
          </div>
          <Output
            answers={answers.value}
            notice={busy.value ? strings.applying : notice.value}
            strings={strings}
            onGoTo={(finding) => {
              manifests.shown.value = finding.path;
              goTo.value = { ...finding };
            }}
          />
        </div>
        <Tabs
          label={strings.views}
          prefix={`lab-${instance}`}
          tabs={views.map(({ id, title }) => ({ id, title: strings[title] }))}
          selected={view.value}
          disabled={still}
          onSelect={(id) => (view.value = id)}
        >
          <View lab={handle} />
        </Tabs>
      </Splitter>
      <TimeControls lab={handle} words={words} />
    </div>
  );
}
