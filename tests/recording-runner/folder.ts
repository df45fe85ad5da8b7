/** The working folder of a recording: files by relative path. */
export class Folder {
  readonly #texts = new Map<string, string>();

  read(path: string): string | undefined {
    return this.#texts.get(normal(path));
  }

  write(path: string, text: string): void {
    this.#texts.set(normal(path), text);
  }

  /** Names in a folder; undefined when there is none. */
  list(path: string): string[] | undefined {
    const prefix = normal(path) === '.' || normal(path) === '' ? '' : `${normal(path)}/`;
    const names = new Set<string>();
    for (const file of this.#texts.keys())
      if (file.startsWith(prefix)) names.add(file.slice(prefix.length).split('/')[0]!);
    return names.size > 0 || prefix === '' ? [...names] : undefined;
  }
}

const normal = (path: string): string => path.replace(/^(\.\/)+/, '').replace(/(?<=.)\/+$/, '');
