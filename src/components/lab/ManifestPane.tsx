import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Finding } from '../../lab/protocol.ts';
import { ManifestEditor } from './editor/ManifestEditor.tsx';
import type { Lab } from './lab.ts';
import { Output } from './Output.tsx';

interface ManifestPaneProps {
  readonly lab: Lab;
  /** True until the page's scripts have taken the lab over. */
  readonly still: boolean;
  /** The files as the page came with them, highlighted. */
  readonly children?: ComponentChildren;
}

const NO_FINDINGS: readonly Finding[] = [];

const FileButtons = ({ lab, still }: { lab: Lab; still: boolean }) => (
  <div class="lab-files" role="group" aria-label={lab.strings.files}>
    {lab.definition.files.map(({ path }) => (
      <button
        key={path}
        type="button"
        disabled={still}
        aria-pressed={path === lab.manifests.shown.value}
        onClick={() => (lab.manifests.shown.value = path)}
      >
        {path}
      </button>
    ))}
  </div>
);

const Actions = ({ lab, still }: { lab: Lab; still: boolean }) => {
  const { strings, manifests } = lab;
  return (
    <div class="lab-actions">
      <button
        type="button"
        class="lab-apply"
        disabled={still || lab.inPast.value}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={() => lab.apply()}
      >
        {strings.apply}
      </button>
      <button type="button" disabled={still} onClick={() => lab.reset()}>
        {strings.reset}
      </button>
      {manifests.hasSolution && (
        <button type="button" disabled={still} onClick={() => lab.solve()}>
          {strings.solution}
        </button>
      )}
      {manifests.replaced.value && (
        <button type="button" onClick={() => lab.undo()}>
          {strings.undo}
        </button>
      )}
    </div>
  );
};

/** What to tell the reader, the most pressing first. */
function noticeOf({ strings, inPast, applying, notice, manifests }: Lab): string {
  if (inPast.value) return strings.applyPast;
  if (applying.value) return strings.applying;
  return notice.value || (manifests.unkept.value ? strings.notKept : '');
}

/** The reader's side of a lab: manifests, what to do with them, and what kubectl answered. */
export function ManifestPane({ lab, still, children }: ManifestPaneProps) {
  const { manifests, answers, strings, definition } = lab;
  const goTo = useSignal<Finding | undefined>(undefined);
  const findings = useComputed(() => {
    const found = answers.value.find(({ path }) => path === manifests.shown.value)?.findings;
    return found && found.length > 0 ? found : NO_FINDINGS;
  });
  const file = manifests.current.value;
  return (
    <div class="lab-manifests">
      {definition.files.length > 1 && <FileButtons lab={lab} still={still} />}
      {file && (
        <ManifestEditor
          key={file.path}
          instance={lab.instance}
          path={file.path}
          index={definition.files.findIndex(({ path }) => path === file.path)}
          text={file.text}
          version={manifests.version.value}
          pristine={manifests.isPristine(file.path)}
          findings={findings.value}
          goTo={goTo.value}
          locale={lab.locale}
          strings={strings}
          onChange={(text) => manifests.edit(file.path, text)}
          onApply={() => lab.apply()}
        >
          {children}
        </ManifestEditor>
      )}
      <Actions lab={lab} still={still} />
      <Output
        answers={answers.value}
        notice={noticeOf(lab)}
        strings={strings}
        onGoTo={(finding) => {
          manifests.shown.value = finding.path;
          goTo.value = { ...finding };
        }}
      />
    </div>
  );
}
