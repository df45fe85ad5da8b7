import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Tab {
  readonly id: string;
  readonly title: string;
}

interface TabsProps {
  readonly label: string;
  /** Unique on the page. */
  readonly prefix: string;
  readonly tabs: readonly Tab[];
  readonly selected: string;
  readonly disabled: boolean;
  readonly onSelect: (id: string) => void;
  readonly children: ComponentChildren;
}

/** Tabs with one stop in the Tab order; arrow keys, Home and End move within. The panel holds the selected tab's view. */
export function Tabs({ label, prefix, tabs, selected, disabled, onSelect, children }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === selected);
    const target = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = tabs.at(target % tabs.length)!;
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`#${prefix}-tab-${next.id}`)?.focus();
  };
  // Where tabs have no room they scroll; the one in front is to be seen.
  useEffect(() => {
    const bar = list.current!;
    const tab = bar.querySelector<HTMLElement>('[aria-selected="true"]');
    if (!tab) return;
    const left = tab.offsetLeft - bar.offsetLeft;
    if (left < bar.scrollLeft) bar.scrollLeft = left;
    else if (left + tab.offsetWidth > bar.scrollLeft + bar.clientWidth)
      bar.scrollLeft = left + tab.offsetWidth - bar.clientWidth;
  }, [selected]);
  return (
    <div class="lab-tabs">
      <div role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${prefix}-tab-${id}`}
            disabled={disabled}
            aria-selected={id === selected}
            aria-controls={`${prefix}-panel`}
            tabIndex={id === selected ? 0 : -1}
            onClick={() => onSelect(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${prefix}-panel`}
        aria-labelledby={`${prefix}-tab-${selected}`}
        class="lab-panel"
        tabIndex={0}
      >
        {children}
      </div>
    </div>
  );
}
