/**
 * Lets only this element of the page be reached, by keyboard, pointer and screen reader, until the function that it
 * returns is called.
 */
export function setApart(element: HTMLElement): () => void {
  const inert: HTMLElement[] = [];
  for (let inner = element; inner.parentElement && inner !== document.body; inner = inner.parentElement) {
    for (const other of inner.parentElement.children) {
      if (other === inner || !(other instanceof HTMLElement) || other.inert) continue;
      other.inert = true;
      inert.push(other);
    }
  }
  return () => {
    for (const other of inert) other.inert = false;
  };
}
