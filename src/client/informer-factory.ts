import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import type { Kernel } from '../kernel/index.ts';
import type { Client } from './client.ts';
import { SharedInformer, type InformerScope } from './informer.ts';

/** The informers of one process: one per kind and scope, however many ask for it. */
export class InformerFactory {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #informers = new Map<string, SharedInformer<never>>();
  #started = false;

  constructor(kernel: Kernel, client: Client) {
    this.#kernel = kernel;
    this.#client = client;
  }

  /** The informer of a kind; asked for after start(), it starts at once. */
  for<T extends KubeObject>(kind: Kind<T>, scope: InformerScope = {}): SharedInformer<T> {
    const { namespace = '', labelSelector = '', fieldSelector = '' } = scope;
    const id = [kind.group, kind.version, kind.resource, namespace, labelSelector, fieldSelector].join('|');
    let informer = this.#informers.get(id) as unknown as SharedInformer<T> | undefined;
    if (!informer) {
      informer = new SharedInformer(this.#kernel, this.#client, kind, scope);
      this.#informers.set(id, informer as unknown as SharedInformer<never>);
      if (this.#started) informer.start();
    }
    return informer;
  }

  /** Ends the informers of a kind that is no longer served. */
  forget({ group, version, resource }: Pick<Kind, 'group' | 'version' | 'resource'>): void {
    const prefix = `${[group, version, resource].join('|')}|`;
    for (const [id, informer] of this.#informers) {
      if (!id.startsWith(prefix)) continue;
      informer.stop();
      this.#informers.delete(id);
    }
  }

  /** Lists everything now and watches from there. Add handlers and indexes before. */
  start(): void {
    this.#started = true;
    for (const informer of [...this.#informers.values()]) informer.start();
  }

  stop(): void {
    this.#started = false;
    for (const informer of this.#informers.values()) informer.stop();
  }

  /** True once every informer has listed. */
  hasSynced(): boolean {
    for (const informer of this.#informers.values()) if (!informer.hasSynced()) return false;
    return true;
  }
}
