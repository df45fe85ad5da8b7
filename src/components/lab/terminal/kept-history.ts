const keyOf = (instance: string): string => `k8s-cookbook:history:${instance}`;

/** The commands typed in this lab before, from this browser's storage; none where it is not to be had. */
export function keptHistory(instance: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(instance)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((line) => typeof line === 'string') : [];
  } catch {
    return [];
  }
}

export function keepHistory(instance: string, lines: readonly string[]): void {
  try {
    localStorage.setItem(keyOf(instance), JSON.stringify(lines));
  } catch {
    // A full or forbidden storage only means that the history ends with the page.
  }
}
