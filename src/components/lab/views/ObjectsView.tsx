import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { LabHandle } from '../handle.ts';
import { flatten, ownershipForest } from '../projection/ownership.ts';
import { Inspector } from './Inspector.tsx';

/** The ownership tree on one side, the chosen object on the other. */
export function ObjectsView({ lab }: { lab: LabHandle }) {
  const { model, strings } = lab;
  const all = useSignal(false);
  const list = useRef<HTMLUListElement>(null);
  const rows = useComputed(() => {
    void model.objectsVersion.value;
    return flatten(ownershipForest(model.objects, all.value));
  }).value;
  const selected = model.selection.value?.type === 'object' ? model.selection.value.key : undefined;
  const focusable = rows.some(({ key }) => key === selected) ? selected : rows[0]?.key;

  const move = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = rows.findIndex(({ key }) => key === focusable);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    if (!next) return;
    model.selection.value = { type: 'object', key: next.key };
    list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.key)}"]`)?.focus();
  };

  return (
    <div class="lab-objects">
      <div class="lab-tree">
        <label class="lab-toggle">
          <input
            type="checkbox"
            checked={all.value}
            onChange={({ currentTarget }) => (all.value = currentTarget.checked)}
          />{' '}
          {strings.allKinds}
        </label>
        <ul role="tree" aria-label={strings.objects} ref={list} onKeyDown={move}>
          {rows.map(({ key, kind, name, depth, children }) => (
            <li
              key={key}
              role="treeitem"
              data-row={key}
              aria-level={depth + 1}
              aria-selected={key === selected}
              {...(children.length > 0 ? { 'aria-expanded': true } : {})}
              tabIndex={key === focusable ? 0 : -1}
              style={{ '--depth': depth }}
              onClick={() => (model.selection.value = { type: 'object', key })}
              onKeyDown={({ key: pressed }) => {
                if (pressed === 'Enter' || pressed === ' ') model.selection.value = { type: 'object', key };
              }}
            >
              <span class="lab-kind">{kind}</span> <span class="lab-code">{name}</span>
            </li>
          ))}
        </ul>
        {rows.length === 0 && <p class="lab-quiet">{strings.objectsEmpty}</p>}
      </div>
      {selected === undefined ? <p class="lab-quiet">{strings.noSelection}</p> : <Inspector lab={lab} lasting />}
    </div>
  );
}
