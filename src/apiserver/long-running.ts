/** Subresources that are answered by a kubelet or a server, for as long as those like. */
const SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Whether a request is passed on, and lasts as long as it lasts. Watches last too, but are answered here. */
export const isPassedOn = (subresource: string | undefined): boolean =>
  subresource !== undefined && SUBRESOURCES.has(subresource);
