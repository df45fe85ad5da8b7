/**
 * The one contract between a lab's cluster and its page. `LabSession` is the same in-process (tests) and behind
 * Comlink in a Web Worker (the page, through `client.ts`). Calls go down, one batched frame per animation frame
 * comes up; views are projections of the frames and hold no logic of their own.
 */
import type { UntypedObject } from '../api/object.ts';
import type { Attributes } from '../kernel/index.ts';
import type { LabSetup } from './definition.ts';

export type Locale = 'en' | 'zh-cn';

export interface LabFile {
  /** Relative to the lab's folder of files: `web.yaml`. */
  readonly path: string;
  readonly text: string;
}

/**
 * An object of the store as views get it: whole, without `metadata.managedFields`. `key` is its address
 * everywhere (frames, `object()`, spans): its etcd key, `/registry/pods/default/web-1`.
 */
export interface ShownObject {
  readonly key: string;
  readonly object: UntypedObject;
}

/** A span of the trace. Times are virtual milliseconds since the Unix epoch. `parent` 0: caused from outside. */
export interface ShownSpan {
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  /** The lane: `kubectl`, `kube-apiserver`, `etcd`, `deployment-controller`, `kubelet/node-1` ... */
  readonly component: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
}

/** `kept`: it held once, but does not hold at the moment shown (a step stays done). `broken`: the check itself failed to run. */
export type CheckStatus = 'pending' | 'passed' | 'kept' | 'broken';

export interface CheckState {
  readonly step: string;
  readonly id: string;
  readonly state: CheckStatus;
  /** Why it is broken. */
  readonly detail?: string;
}

/** Something the reader should be told that no single call answers. */
export interface LabMessage {
  readonly kind: 'notice' | 'error';
  /** For the page's words; `text` is the English sentence. */
  readonly code: 'branched' | 'start-failed' | 'component-failed';
  readonly text: string;
}

/** One outside input of a session: together with the seed, the inputs are the history (see `input-log.ts`). */
export interface InputEntry {
  /** How many kernel events had run before it. */
  readonly executed: number;
  /** Virtual time at which it came. */
  readonly now: number;
  readonly input: Input;
}

export type Input =
  | { readonly type: 'command'; readonly command: number; readonly line: string }
  | { readonly type: 'command-end'; readonly command: number; readonly code: number }
  | {
      readonly type: 'request';
      readonly command: number;
      /** Numbers the requests; a stream goes by the number of its request. */
      readonly request: number;
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly type: 'stream'; readonly request: number }
  | { readonly type: 'stream-end'; readonly request: number }
  | { readonly type: 'sleep'; readonly command: number; readonly ms: number }
  | { readonly type: 'component'; readonly name: string; readonly power: 'on' | 'off' };

/** What changed since the frame before, and where time stands. Sent as one JSON string. */
export interface Frame {
  /** Virtual time of the live cluster, ms since the Unix epoch. */
  readonly now: number;
  /** Virtual time at which the cluster's clock started. */
  readonly epoch: number;
  /** The revision that the objects of this frame show. */
  readonly revision: number;
  /** Virtual time that this frame shows: `now`, or when `revision` was written if `past`. Spans that start later had not happened yet. */
  readonly shownTime: number;
  readonly headRevision: number;
  /** The oldest revision that can be shown. It grows in a long session. */
  readonly oldestRevision: number;
  /** Virtual time of `oldestRevision`: after `epoch` when what came before was let go. */
  readonly oldestTime: number;
  /** True while `revision` was chosen with `viewRevision`. */
  readonly past: boolean;
  readonly paused: boolean;
  /** Virtual milliseconds per wall millisecond. */
  readonly speed: number;
  /** Nothing but heartbeats and the like is pending. */
  readonly settled: boolean;
  /** Kernel events run so far. */
  readonly executed: number;
  /** Forget every object before reading `upserts`. */
  readonly reset: boolean;
  /** Forget every span before reading `spans` (opened or branched). */
  readonly resetSpans: boolean;
  readonly upserts: readonly ShownObject[];
  /** Keys of objects that are gone. */
  readonly deletes: readonly string[];
  /** Spans that ended since the frame before; one that comes again replaces the one with its id. */
  readonly spans: readonly ShownSpan[];
  /** All checks when any of them changed, else absent. */
  readonly checks?: readonly CheckState[];
  readonly message?: LabMessage;
  /** Revisions since the frame before that tell a reader something: no heartbeats. Where a scrubber stops. */
  readonly telling?: readonly number[];
  /** Inputs since the frame before; the page keeps them to revive a crashed worker. */
  readonly inputs?: readonly InputEntry[];
}

/** The API server's (or the YAML parser's) answer at the line of the manifest it concerns. Line and column count from 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface AppliedFile {
  readonly path: string;
  /** kubectl's exit code. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly findings: readonly Finding[];
}

/** One object at one revision, as YAML, against what it was before. */
export interface ObjectView {
  readonly key: string;
  /** The revision at which it was last written. */
  readonly revision: number;
  /** Empty when the object was deleted at this revision. */
  readonly yaml: string;
  /** Undefined when it was created at `revision`. */
  readonly previousRevision?: number;
  readonly previousYaml?: string;
  /** Lines of `yaml` (from 1) that are new or different, and lines of `previousYaml` that are gone or different. */
  readonly changed: readonly number[];
  readonly removed: readonly number[];
}

export interface SpanView {
  readonly span: ShownSpan;
  /** The chain of causes: itself first, the outside input last. */
  readonly causes: readonly ShownSpan[];
  /** Everything that came of it, by id, at most 500. */
  readonly effects: readonly ShownSpan[];
  /** The write it made or that made it, where there is one. */
  readonly revision?: number;
  readonly object?: ObjectView;
}

export interface SteppedEvent {
  /** The component whose event ran. */
  readonly owner: string;
  /** Virtual time of the event. */
  readonly due: number;
}

export interface Executed {
  readonly code: number;
  /** Nothing ran: the text stops in the middle of something (an open quote, a here-document) and wants another line. */
  readonly incomplete?: boolean;
}

export interface Completion {
  /** Where the text to replace starts; it ends at the cursor. */
  readonly from: number;
  readonly options: readonly string[];
}

/** Where to take a crashed session up again: the inputs up to an event, then paused. */
export interface Revival {
  readonly inputs: readonly InputEntry[];
  readonly executed: number;
  readonly now: number;
}

export interface LabSession {
  /** Starts the lab's cluster; must come first. Without `visible` it waits for `setVisible(true)` before time runs. */
  open(setup: LabSetup, locale: Locale, revival?: Revival): Promise<void>;
  /** One listener; each frame waits until the promise of the one before is settled. `parseFrame` reads it. */
  subscribe(listener: (frame: string) => void | Promise<void>): Promise<void>;
  /** Answers at once: a page that hears nothing for too long knows that the worker hangs. */
  ping(): Promise<void>;
  close(): Promise<void>;

  /** The files as the editor has them, for the terminal's `kubectl apply -f`. */
  setFiles(files: readonly LabFile[]): Promise<void>;
  /** `kubectl apply -f` of each file in order, then what became of each. Also does `setFiles` for these. */
  apply(files: readonly LabFile[]): Promise<readonly AppliedFile[]>;
  /** A fresh cluster of the same seed. */
  reset(): Promise<void>;

  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Virtual milliseconds per wall millisecond, 0.1 and up; Infinity: as fast as it goes. */
  setSpeed(speed: number): Promise<void>;
  /** Pauses and runs the next event. Null when none is pending. */
  stepEvent(): Promise<SteppedEvent | null>;
  /** Pauses and runs up to the end of the next API request. */
  stepRequest(): Promise<SteppedEvent | null>;
  /** Shows the past at this revision (time stops), or the present again (null). */
  viewRevision(revision: number | null): Promise<void>;
  /** Forgets what came after the revision shown and goes on from there. */
  branchHere(): Promise<void>;
  /** Out of view costs no CPU: no time runs, no frames come. */
  setVisible(visible: boolean): Promise<void>;

  /** Runs a command line (or several); output comes as it is written, all of it before the promise settles. */
  exec(line: string, onOutput: (text: string) => void | Promise<void>): Promise<Executed>;
  /** Ctrl-C. */
  interrupt(): Promise<void>;
  complete(line: string, cursor: number): Promise<Completion>;

  /** The object at the revision shown, or at `revision`. Null when it did not exist. */
  object(key: string, revision?: number): Promise<ObjectView | null>;
  span(id: number): Promise<SpanView | null>;
}

export const parseFrame = (text: string): Frame => JSON.parse(text) as Frame;
