import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { fill } from '../../../i18n/fill.ts';
import type { LabStrings } from '../../../i18n/lab.ts';
import type { Finding, Locale } from '../../../lab/protocol.ts';
import type { OpenEditor } from './monaco.ts';

interface ManifestEditorProps {
  /** Of the lab: see LabHandle. */
  readonly instance: string;
  readonly path: string;
  /** Which of the page's highlighted files it is. */
  readonly index: number;
  readonly text: string;
  /** Changes when `text` was replaced by something else than typing here. */
  readonly version: number;
  /** The text as the page came with it, highlighted; shown until it differs or is touched. */
  readonly children: ComponentChildren;
  readonly pristine: boolean;
  readonly findings: readonly Finding[];
  /** A finding that the reader wants to see, in a new object for each wish. */
  readonly goTo: Finding | undefined;
  readonly locale: Locale;
  readonly strings: LabStrings;
  readonly onChange: (text: string) => void;
  readonly onApply: () => void;
}

/** Monaco has no support for touch keyboards. */
const wantsPlainText = (): boolean => matchMedia('(pointer: coarse)').matches;

/** Offset of a line and column (from 1) in a text. */
const offsetOf = (text: string, { line, column }: Finding): number =>
  text
    .split('\n')
    .slice(0, line - 1)
    .join('\n').length +
  (line > 1 ? 1 : 0) +
  column -
  1;

/**
 * One manifest to edit. At first the page's highlighted text with an invisible text area on it; a text area where
 * somebody types on glass; and Monaco, with the text, the cursor and the focus carried over, once it has loaded.
 */
export function ManifestEditor(props: ManifestEditorProps) {
  const {
    instance,
    path,
    index,
    text,
    version,
    children,
    pristine,
    findings,
    goTo,
    locale,
    strings,
    onChange,
    onApply,
  } = props;
  const stage = useSignal<'still' | 'plain' | 'loading' | 'monaco'>('still');
  /** False in the page as it was served: without scripts there is nothing to type into. */
  const usable = useSignal(false);
  const shown = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<OpenEditor | undefined>(undefined);
  /** The selection of a text area that had the focus when Monaco took its place. */
  const cursor = useRef<readonly [number, number] | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const label = fill(strings.manifest, { file: path });

  const load = async (): Promise<void> => {
    // Keeps Monaco out of the server's build.
    if (import.meta.env.SSR || stage.value === 'loading' || stage.value === 'monaco') return;
    if (wantsPlainText()) {
      stage.value = 'plain';
      return;
    }
    stage.value = 'loading';
    try {
      if (locale === 'zh-cn') await import('monaco-editor/nls/lang/zh-cn.js');
      const { openEditor } = await import('./monaco.ts');
      if (!host.current || !area.current) return;
      const { selectionStart, selectionEnd } = area.current;
      if (document.activeElement === area.current) cursor.current = [selectionStart, selectionEnd];
      const current = latest.current;
      editor.current = openEditor({
        host: host.current,
        path: `${instance}/${path}`,
        text: area.current.value,
        label,
        onChange: (next) => latest.current.onChange(next),
        onApply: () => latest.current.onApply(),
      });
      editor.current.setFindings(current.findings);
      stage.value = 'monaco';
    } catch {
      // Offline, or an old tab after a new release: the text area does all that is needed.
      stage.value = 'plain';
    }
  };

  useEffect(() => () => editor.current?.dispose(), []);
  useEffect(() => editor.current?.setText(text), [version]);
  useEffect(() => editor.current?.setFindings(findings), [findings]);
  useEffect(() => {
    if (!goTo) return;
    if (editor.current) editor.current.reveal(goTo.line, goTo.column);
    else {
      area.current?.focus();
      const at = offsetOf(text, goTo);
      area.current?.setSelectionRange(at, at);
    }
  }, [goTo]);

  useEffect(() => {
    shown.current?.querySelectorAll<HTMLElement>('.lab-file').forEach((file, at) => (file.hidden = at !== index));
    usable.value = true;
  }, []);

  const live = stage.value === 'monaco';
  useLayoutEffect(() => {
    if (live && cursor.current) editor.current?.focus(...cursor.current);
  }, [live]);
  const untouched = stage.value === 'still' || stage.value === 'loading';
  const still = untouched && pristine;
  return (
    <div class={still ? 'lab-editor still' : 'lab-editor'} onPointerEnter={() => !wantsPlainText() && void load()}>
      {untouched && (
        <div class="lab-still" ref={shown} inert={usable.value} hidden={!still}>
          {children}
        </div>
      )}
      {usable.value && !live && (
        <textarea
          ref={area}
          aria-label={label}
          value={text}
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          wrap="off"
          rows={Math.max(8, text.split('\n').length)}
          onFocus={() => {
            if (stage.value === 'still') void load();
          }}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              onApply();
            }
          }}
        />
      )}
      <div ref={host} class="lab-monaco" hidden={!live} />
    </div>
  );
}
