const keyOf = (lab: string): string => `k8s-cookbook:history:${lab}`;

/** The commands typed in this lab before, from this browser's storage; none where it is not to be had. */
export function keptHistory(lab: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(lab)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((line) => typeof line === 'string') : [];
  } catch {
    return [];
  }
}

export function keepHistory(lab: string, lines: readonly string[]): void {
  try {
    localStorage.setItem(keyOf(lab), JSON.stringify(lines));
  } catch {
    // A full or forbidden storage only means that the history ends with the page.
  }
}
