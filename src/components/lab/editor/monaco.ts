/** Monaco with Kubernetes manifests in it. Large: only ever imported when a reader reaches for an editor. */
import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/cursorUndo/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/gotoError/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/snippet/register';
// features/suggest/register (0.57.0) forgets the controller itself.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController.js';
import 'monaco-editor/features/suggest/register';
import 'monaco-editor/features/wordOperations/register';
import 'monaco-editor/languages/definitions/yaml/register';
import { configureMonacoYaml } from 'monaco-yaml';
import schema from 'virtual:kubernetes-schemas';
import type { Finding } from '../../../lab/protocol.ts';

const newWorker = (label: string): Worker =>
  label === 'yaml'
    ? new Worker(new URL('./yaml.worker.ts', import.meta.url), { type: 'module', name: 'yaml' })
    : new Worker(new URL('./editor.worker.ts', import.meta.url), { type: 'module', name: 'editor' });

globalThis.MonacoEnvironment = { getWorker: (_id, label) => newWorker(label) };

/** What monaco-yaml asks of Monaco, where that differs from what Monaco offers. */
const monacoForYaml = {
  ...monaco,
  editor: {
    ...monaco.editor,
    /** monaco-yaml 5.5 still calls the `createWebWorker({ label, createData })` of Monaco before 0.53. */
    createWebWorker: (options: { label: string; createData: unknown }) => {
      const worker = newWorker(options.label);
      worker.postMessage('ignore');
      worker.postMessage(options.createData);
      return monaco.editor.createWebWorker({ worker });
    },
    /** The language service reports what breaks the schema as a warning; an API server refuses it. */
    setModelMarkers: (model: monaco.editor.ITextModel, owner: string, markers: monaco.editor.IMarkerData[]) =>
      monaco.editor.setModelMarkers(
        model,
        owner,
        markers.map((marker) => ({ ...marker, severity: monaco.MarkerSeverity.Error })),
      ),
  },
};

configureMonacoYaml(monacoForYaml as never, {
  enableSchemaRequest: false,
  hover: true,
  completion: true,
  validate: true,
  format: false as never,
  // The address is shown with each explanation, and never fetched.
  schemas: [
    { uri: 'https://kubernetes.io/docs/reference/kubernetes-api/', fileMatch: ['**/*.yaml', '**/*.yml'], schema },
  ],
});

monaco.editor.defineTheme('lab-light', {
  base: 'vs',
  inherit: true,
  rules: [],
  colors: { 'editor.background': '#ffffff' },
});
monaco.editor.defineTheme('lab-dark', {
  base: 'vs-dark',
  inherit: true,
  rules: [],
  colors: { 'editor.background': '#17181c' },
});
const themeOf = (): string => (document.documentElement.dataset['theme'] === 'light' ? 'lab-light' : 'lab-dark');
new MutationObserver(() => monaco.editor.setTheme(themeOf())).observe(document.documentElement, {
  attributeFilter: ['data-theme'],
});

export interface EditorOptions {
  readonly host: HTMLElement;
  /** Makes the model's name unique on the page: `<instance>/<file>`. */
  readonly path: string;
  readonly text: string;
  readonly label: string;
  readonly onChange: (text: string) => void;
  readonly onApply: () => void;
}

export interface OpenEditor {
  setText(text: string): void;
  setFindings(findings: readonly Finding[]): void;
  reveal(line: number, column: number): void;
  focus(start?: number, end?: number): void;
  dispose(): void;
}

/**
 * Several lines that come as one piece (dictation, an input method, a program that fills the text area) go in as they
 * are; key by key, every line would be indented anew.
 */
function insertWhole(host: HTMLElement, editor: monaco.editor.IStandaloneCodeEditor): void {
  const isWhole = ({ selectionStart, selectionEnd, value }: HTMLTextAreaElement): boolean =>
    selectionStart === 0 &&
    selectionEnd === value.length &&
    value === editor.getModel()?.getValue(monaco.editor.EndOfLinePreference.LF);
  // A program selects first and fills then; in between Monaco may draw itself and put its own selection back.
  let wholeChosen = false;
  host.addEventListener(
    'select',
    ({ target }) => void (wholeChosen ||= target instanceof HTMLTextAreaElement && isWhole(target)),
    { capture: true },
  );
  const byHand = (): void => void (wholeChosen = false);
  host.addEventListener('keydown', byHand, { capture: true });
  host.addEventListener('pointerdown', byHand, { capture: true });
  const onInput = (event: InputEvent): void => {
    const model = editor.getModel();
    const selection = editor.getSelection();
    if (!event.data?.includes('\n') || !(event.target instanceof HTMLTextAreaElement) || !model || !selection) return;
    event.preventDefault();
    event.stopPropagation();
    const range = wholeChosen || isWhole(event.target) ? model.getFullModelRange() : selection;
    wholeChosen = false;
    editor.executeEdits('input', [{ range, text: event.data, forceMoveMarkers: true }]);
  };
  host.addEventListener('beforeinput', onInput, { capture: true });
}

/** Opens an editor for one file. Escape lets Tab leave it until it is focused again. */
export function openEditor({ host, path, text, label, onChange, onApply }: EditorOptions): OpenEditor {
  const model = monaco.editor.createModel(text, 'yaml', monaco.Uri.parse(`file:///${path}`));
  const editor = monaco.editor.create(host, {
    model,
    ariaLabel: label,
    // A text area that holds the whole manifest: screen readers and other assistive programs can read and fill it.
    editContext: false,
    accessibilitySupport: 'on',
    theme: themeOf(),
    automaticLayout: true,
    minimap: { enabled: false },
    fontSize: 13,
    lineHeight: 20,
    tabSize: 2,
    insertSpaces: true,
    detectIndentation: false,
    lineNumbersMinChars: 3,
    glyphMargin: false,
    folding: true,
    scrollBeyondLastLine: false,
    fixedOverflowWidgets: true,
    overviewRulerLanes: 0,
    hover: { above: false },
    renderLineHighlight: 'none',
    padding: { top: 8, bottom: 8 },
    quickSuggestions: { other: true, strings: true, comments: false },
    scrollbar: { alwaysConsumeMouseWheel: false },
    unicodeHighlight: { ambiguousCharacters: false },
  });
  editor.addAction({
    id: 'apply',
    label: 'kubectl apply',
    keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter],
    run: onApply,
  });
  insertWhole(host, editor);
  let tabLeaves = false;
  const letTabLeave = (leave: boolean): void => {
    if (tabLeaves === leave) return;
    tabLeaves = leave;
    editor.updateOptions({ tabFocusMode: leave });
  };
  editor.onKeyDown(({ keyCode }) => {
    if (keyCode === monaco.KeyCode.Escape) letTabLeave(true);
  });
  editor.onDidBlurEditorWidget(() => letTabLeave(false));
  let replacing = false;
  model.onDidChangeContent(() => {
    monaco.editor.setModelMarkers(model, 'api-server', []);
    if (!replacing) onChange(model.getValue());
  });
  return {
    setText: (next) => {
      if (next === model.getValue()) return;
      replacing = true;
      editor.executeEdits('lab', [{ range: model.getFullModelRange(), text: next }]);
      replacing = false;
    },
    setFindings: (findings) =>
      monaco.editor.setModelMarkers(
        model,
        'api-server',
        findings.map(({ line, column, message }) => ({
          severity: monaco.MarkerSeverity.Error,
          source: 'kube-apiserver',
          message,
          startLineNumber: line,
          startColumn: column,
          endLineNumber: line,
          endColumn: model.getLineMaxColumn(Math.min(line, model.getLineCount())),
        })),
      ),
    reveal: (line, column) => {
      editor.revealLineInCenterIfOutsideViewport(line);
      editor.setPosition({ lineNumber: line, column });
      editor.focus();
    },
    focus: (start, end) => {
      if (start !== undefined) {
        editor.setSelection(monaco.Range.fromPositions(model.getPositionAt(start), model.getPositionAt(end ?? start)));
      }
      editor.focus();
    },
    dispose: () => {
      editor.dispose();
      model.dispose();
    },
  };
}
