import type { LabStrings } from '../../i18n/lab.ts';

const KEYS = [
  [['Ctrl+Enter', '⌘ Enter'], 'keyApply'],
  [['Ctrl+Space'], 'keyComplete'],
  [['F8'], 'keyProblem'],
  [['Escape', 'Tab'], 'keyLeave'],
  [['←', '→'], 'keyTabs'],
  [['←', '→'], 'keyTime'],
  [['←', '→'], 'keySpans'],
  [['↑', '↓'], 'keyCauses'],
  [['+', '−'], 'keyZoom'],
  [['↑', '↓'], 'keyTree'],
  [['Tab'], 'keyTerminal'],
  [['Escape'], 'keyShrink'],
] as const satisfies readonly (readonly [readonly string[], keyof LabStrings])[];

/** A button that lists what keys do in a lab. */
export function KeyboardHelp({ instance, strings }: { instance: string; strings: LabStrings }) {
  const id = `lab-${instance}-keys`;
  return (
    <>
      <button type="button" class="lab-small lab-keys-button" popovertarget={id}>
        {strings.keys}
      </button>
      <div id={id} popover="auto" role="dialog" aria-label={strings.keysTitle} class="lab-keys">
        <h3>{strings.keysTitle}</h3>
        <dl>
          {KEYS.map(([keys, meaning]) => (
            <div key={meaning}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{strings[meaning]}</dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}
