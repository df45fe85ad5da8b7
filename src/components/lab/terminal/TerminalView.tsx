import { useEffect, useRef, useState } from 'preact/hooks';
import type { LabControlStrings } from '../../../i18n/lab-controls.ts';
import { fill } from '../../../i18n/fill.ts';
import type { LabHandle } from '../handle.ts';
import { terminalOf } from './terminal-of.ts';
import './terminal.css';

/** The terminal of a lab. xterm.js is loaded when the view is first shown. */
export function TerminalView({ lab, words }: { lab: LabHandle; words: LabControlStrings }) {
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'shown' | { error: string }>('loading');
  useEffect(() => {
    let detach: (() => void) | undefined;
    let gone = false;
    terminalOf(lab, words).then(
      (terminal) => {
        if (gone || !place.current) return;
        detach = terminal.attach(place.current);
        setState('shown');
      },
      (error: unknown) => setState({ error: String(error) }),
    );
    return () => {
      gone = true;
      detach?.();
    };
  }, [lab, words]);
  return (
    <div class="lab-terminal">
      <div class="lab-terminal-place" ref={place} />
      {state !== 'shown' && (
        <p class="lab-quiet" role="status">
          {state === 'loading' ? words.terminalLoading : fill(words.terminalFailed, { error: state.error })}
        </p>
      )}
      <p class="lab-terminal-help lab-quiet">{words.terminalHelp}</p>
    </div>
  );
}
