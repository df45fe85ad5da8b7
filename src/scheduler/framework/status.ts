/** What a plugin answers; `undefined` stands for Success, so that the common case costs nothing. */
export type StatusCode =
  /** Not here, not now; another Pod leaving could help, so preemption may be tried. */
  | 'Unschedulable'
  /** Not here, and evicting Pods would not change that. */
  | 'UnschedulableAndUnresolvable'
  /** Permit: hold the Pod until it is allowed, refused or timed out. PreBind: ask again in a second. */
  | 'Wait'
  /** PreFilter and PreScore: this plugin has nothing to say about the Pod and is left out of the cycle. */
  | 'Skip'
  /** Something went wrong; the Pod is tried again after a back-off. */
  | 'Error';

export interface Status {
  readonly code: StatusCode;
  /** The plugin that said so. */
  readonly plugin: string;
  /** Why, in the words of FailedScheduling messages. */
  readonly reasons: readonly string[];
}

export const SKIP: Status = Object.freeze({ code: 'Skip', plugin: '', reasons: [] });

export function status(code: StatusCode, plugin: string, ...reasons: string[]): Status {
  return Object.freeze({ code, plugin, reasons: Object.freeze(reasons) });
}

/** The Pod does not fit, as opposed to something having gone wrong. */
export const isRejected = ({ code }: Status): boolean =>
  code === 'Unschedulable' || code === 'UnschedulableAndUnresolvable';

/** Something that went wrong in a plugin, with what it was doing. */
export const failed = ({ plugin, reasons }: Status, doing: string): Status =>
  status('Error', plugin, `${doing}: ${reasons.join(', ')}`);

export const messageOf = ({ reasons }: Status): string => reasons.join(', ');
