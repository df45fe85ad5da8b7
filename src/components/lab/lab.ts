import { computed, effect, signal } from '@preact/signals';
import type { LabControlStrings } from '../../i18n/lab-controls.ts';
import type { LabStrings } from '../../i18n/lab.ts';
import type { LabDefinition } from '../../lab/definition.ts';
import type { AppliedFile, LabSession, Locale } from '../../lab/protocol.ts';
import { Connection } from './connection.ts';
import type { LabHandle } from './handle.ts';
import { keepProgress, keptProgress } from './kept-progress.ts';
import { Manifests } from './manifests.ts';
import { LabModel } from './model.ts';
import { toFragment } from './share-link.ts';

/** What the page says about a lab. */
export interface LabPage {
  /** Tells this lab from every other of the page; fit for an element's id. */
  readonly instance: string;
  readonly lab: LabDefinition;
  readonly locale: Locale;
  readonly strings: LabStrings;
  readonly words: LabControlStrings;
}

/** How long after the last key the terminal gets the files as the editor has them, in ms. */
const TELL_AFTER = 200;

/** One lab of a page: its manifests, its cluster, and what the reader's buttons do with them. */
export class Lab implements LabHandle {
  readonly instance: string;
  readonly definition: LabDefinition;
  readonly locale: Locale;
  readonly strings: LabStrings;
  readonly words: LabControlStrings;
  readonly model = new LabModel();
  readonly connection: Connection;
  readonly manifests: Manifests;
  /** Id of the view in front. */
  readonly view = signal('cluster');
  /** What became of the files that were applied last. */
  readonly answers = signal<readonly AppliedFile[]>([]);
  /** A sentence for the reader. */
  readonly notice = signal('');
  readonly applying = signal(false);
  readonly doneBefore = signal<ReadonlySet<string>>(new Set());
  /** The reader looks at the past, in which nothing can be done. */
  readonly inPast = computed(() => this.model.clock.value?.past === true);

  constructor({ instance, lab, locale, strings, words }: LabPage) {
    this.instance = instance;
    this.definition = lab;
    this.locale = locale;
    this.strings = strings;
    this.words = words;
    this.connection = new Connection(lab, locale, this.model);
    this.manifests = new Manifests(lab.id, instance, lab.files, lab.solution);
  }

  session(): Promise<LabSession> {
    return this.connection.session();
  }

  show(view: string): void {
    this.view.value = view;
  }

  /** Comes to life in the page: takes up what was kept or linked, starts when it is seen, rests when it is not. */
  attach(element: HTMLElement): () => void {
    void this.manifests.restore(location.hash).then((from) => {
      if (from === 'link') this.notice.value = this.strings.sharedGood;
      if (from === 'bad-link') this.notice.value = this.strings.sharedBad;
    });
    let inView = false;
    const update = (): void => {
      const visible = inView && !document.hidden;
      if (visible || this.connection.state.peek() !== 'waiting') this.connection.setVisible(visible);
    };
    const observer = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? false;
      update();
    });
    observer.observe(element);
    document.addEventListener('visibilitychange', update);
    const stopTelling = this.#tellFiles();
    this.doneBefore.value = keptProgress(this.instance);
    const stopKeeping = this.#keepProgress();
    return () => {
      stopKeeping();
      observer.disconnect();
      document.removeEventListener('visibilitychange', update);
      stopTelling();
    };
  }

  async apply(): Promise<void> {
    if (this.applying.peek() || this.inPast.peek()) return;
    this.applying.value = true;
    this.notice.value = '';
    this.connection.forgetTrouble();
    try {
      const files = this.manifests.toApply();
      const session = await this.session();
      await session.setFiles(this.manifests.files.peek());
      this.answers.value = await session.apply(files);
      this.manifests.applied(files);
    } catch (error) {
      this.notice.value = error instanceof Error ? error.message : String(error);
    } finally {
      this.applying.value = false;
    }
  }

  /** The manifests as they were at first, and a fresh cluster. */
  async reset(): Promise<void> {
    this.manifests.reset();
    this.answers.value = [];
    this.notice.value = this.strings.resetDone;
    this.model.selection.value = undefined;
    this.doneBefore.value = new Set();
    keepProgress(this.instance, new Set());
    if (this.connection.state.peek() === 'running') await (await this.session()).reset();
  }

  solve(): void {
    this.manifests.solve();
    this.notice.value = this.strings.solutionDone;
  }

  undo(): void {
    this.manifests.undo();
    this.notice.value = this.strings.undoneDone;
  }

  /** Copies a link that holds the manifests. */
  async share(): Promise<void> {
    const fragment = toFragment(this.definition.id, this.manifests.files.peek());
    if (fragment === undefined) {
      this.notice.value = this.strings.shareTooLong;
      return;
    }
    const link = new URL(fragment, location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      this.notice.value = this.strings.shared;
    } catch {
      this.notice.value = `${this.strings.sharedShow} ${link}`;
    }
  }

  /** Keeps what was ticked for the next visit. */
  #keepProgress(): () => void {
    return effect(() => {
      const done = this.model.checks.value.filter(({ state }) => state === 'passed' || state === 'kept');
      if (done.length === 0) return;
      const kept = keptProgress(this.instance);
      keepProgress(this.instance, new Set([...kept, ...done.map((check) => `${check.step}/${check.id}`)]));
    });
  }

  /** Keeps the session's files, which the terminal reads, as the editor has them. */
  #tellFiles(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return effect(() => {
      const files = this.manifests.files.value;
      if (this.connection.state.value !== 'running') return;
      clearTimeout(timer);
      // A worker that fails meanwhile gets them when it is started again.
      timer = setTimeout(
        () =>
          void this.session()
            .then((session) => session.setFiles(files))
            .catch(() => undefined),
        TELL_AFTER,
      );
    });
  }
}
