/** Which checks of a lab held on earlier visits, as `step/check`, from this browser's storage. */

const keyOf = (instance: string): string => `k8s-cookbook:done:${instance}`;

/** None where the storage is not to be had. */
export function keptProgress(instance: string): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(instance)) ?? '[]');
    return new Set(Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : []);
  } catch {
    return new Set();
  }
}

/** Keeps them; forgets the lab where there are none. */
export function keepProgress(instance: string, done: ReadonlySet<string>): void {
  try {
    if (done.size === 0) localStorage.removeItem(keyOf(instance));
    else localStorage.setItem(keyOf(instance), JSON.stringify([...done]));
  } catch {
    // A full or forbidden storage only means that the ticks end with the page.
  }
}
