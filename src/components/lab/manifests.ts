import { computed, signal } from '@preact/signals';
import type { LabFile } from '../../lab/protocol.ts';
import { keep, readKept } from './kept-text.ts';
import { fromFragment } from './share-link.ts';

/** How long after the last key a text is kept, in ms. */
const KEEP_AFTER = 400;

const sameFiles = (a: readonly LabFile[], b: readonly LabFile[]): boolean =>
  a.every(({ path, text }) => b.find((other) => other.path === path)?.text === text);

/** The manifests of one lab as the reader has them. */
export class Manifests {
  readonly files = signal<readonly LabFile[]>([]);
  /** Grows when texts are replaced by something else than typing: then the editor must take them over. */
  readonly version = signal(0);
  /** Path of the file in the editor. */
  readonly shown = signal('');
  /** What Reset, Solution or a link replaced: the reader's own words, which Undo brings back. */
  readonly replaced = signal<readonly LabFile[] | undefined>(undefined);
  /** The browser refuses to keep anything: what is typed ends with the page. */
  readonly unkept = signal(false);
  readonly current = computed(() => this.files.value.find(({ path }) => path === this.shown.value));
  readonly #labId: string;
  readonly #instance: string;
  readonly #initial: readonly LabFile[];
  readonly #solution: readonly LabFile[];
  /** Text that each file had when it was last applied, or that came with the lab. */
  readonly #settled = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `instance` is what the texts are kept under. */
  constructor(labId: string, instance: string, initial: readonly LabFile[], solution: readonly LabFile[]) {
    this.#labId = labId;
    this.#instance = instance;
    this.#initial = initial;
    this.#solution = solution;
    this.files.value = initial;
    this.shown.value = initial[0]?.path ?? '';
    for (const { path, text } of initial) this.#settled.set(path, text);
  }

  get hasSolution(): boolean {
    return this.#solution.length > 0;
  }

  isPristine(path: string): boolean {
    return (
      this.files.value.find((file) => file.path === path)?.text ===
      this.#initial.find((file) => file.path === path)?.text
    );
  }

  /** Takes up the texts of a link, or those kept from the last visit. */
  async restore(fragment: string): Promise<'link' | 'bad-link' | 'kept' | 'none'> {
    const paths = this.#initial.map(({ path }) => path);
    const linked = fromFragment(fragment, this.#labId, paths);
    const { files, replaced } = await readKept(this.#instance);
    const kept = files.filter(({ path }) => paths.includes(path));
    // Somebody who typed in the meantime goes first.
    if (sameFiles(this.files.peek(), this.#initial)) {
      const before = replaced.filter(({ path }) => paths.includes(path));
      if (before.length > 0) this.replaced.value = this.#with(this.#initial, before);
      if (kept.length > 0) {
        this.#set(kept);
        this.version.value++;
      }
    }
    if (linked) {
      this.#replaceWith(linked);
      return 'link';
    }
    if (linked === null) return 'bad-link';
    return kept.length > 0 ? 'kept' : 'none';
  }

  edit(path: string, text: string): void {
    this.#set([{ path, text }]);
    this.#keepSoon();
  }

  reset(): void {
    this.#replaceWith(this.#initial);
    for (const { path, text } of this.#initial) this.#settled.set(path, text);
  }

  solve(): void {
    this.#replaceWith(this.#solution);
    const [first] = this.#solution.filter(({ path }) => !this.isPristine(path));
    if (first && this.isPristine(this.shown.peek())) this.shown.value = first.path;
  }

  /** Changes places with what was replaced, so that an Undo can be undone. */
  undo(): void {
    const before = this.replaced.peek();
    if (!before) return;
    const now = this.files.peek();
    this.files.value = before;
    this.version.value++;
    this.replaced.value = this.#isOurs(now) ? undefined : now;
    this.#keepSoon();
  }

  /** The file in the editor, and every other that was changed since it was last applied. */
  toApply(): readonly LabFile[] {
    return this.files.peek().filter(({ path, text }) => path === this.shown.peek() || this.#settled.get(path) !== text);
  }

  applied(files: readonly LabFile[]): void {
    for (const { path, text } of files) this.#settled.set(path, text);
  }

  #replaceWith(files: readonly LabFile[]): void {
    const before = this.files.peek();
    if (sameFiles(files, before)) return;
    this.#set(files);
    this.version.value++;
    if (!this.#isOurs(before)) this.replaced.value = before;
    this.#keepSoon();
  }

  /** Whether texts are the lab's own, which its buttons bring back at any time. */
  #isOurs(files: readonly LabFile[]): boolean {
    const own = [...this.#initial, ...this.#solution];
    return files.every(({ path, text }) => own.some((file) => file.path === path && file.text === text));
  }

  #with(files: readonly LabFile[], changes: readonly LabFile[]): readonly LabFile[] {
    return files.map((file) => changes.find(({ path }) => path === file.path) ?? file);
  }

  #set(changes: readonly LabFile[]): void {
    this.files.value = this.#with(this.files.peek(), changes);
  }

  #changed(files: readonly LabFile[] = []): readonly LabFile[] {
    return files.filter(({ path, text }) => this.#initial.find((file) => file.path === path)?.text !== text);
  }

  #keepSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () =>
        void keep(this.#instance, {
          files: this.#changed(this.files.peek()),
          replaced: this.#changed(this.replaced.peek()),
        }).then((kept) => (this.unkept.value = !kept)),
      KEEP_AFTER,
    );
  }
}
