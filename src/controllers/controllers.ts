import type { Controller, ControllerContext } from './context.ts';

/** Controllers by the names that kube-controller-manager's --controllers flag gives them, in the order of their start. */
export type ControllerTable = Readonly<Record<string, (context: ControllerContext) => Controller>>;

/** What kube-controller-manager is: its controllers, each of which can be stopped and started alone. */
export class Controllers {
  readonly #table: ControllerTable;
  readonly #context: ControllerContext;
  readonly #running = new Map<string, Controller>();

  constructor(table: ControllerTable, context: ControllerContext) {
    this.#table = table;
    this.#context = context;
  }

  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  start(name: string): void {
    const start = this.#table[name];
    if (!start) throw new Error(`there is no controller "${name}"; there are: ${Object.keys(this.#table).join(', ')}`);
    if (!this.#running.has(name)) this.#running.set(name, start(this.#context));
  }

  stop(name: string): void {
    this.#running.get(name)?.stop();
    this.#running.delete(name);
  }

  /** Stops everything, the shared informers too. */
  stopAll(): void {
    for (const name of this.running) this.stop(name);
    this.#context.informers.stop();
  }
}

/** Starts the named controllers of a table, all unless given, and then the informers that they share. */
export function startControllers(
  table: ControllerTable,
  context: ControllerContext,
  names: readonly string[] = Object.keys(table),
): Controllers {
  const controllers = new Controllers(table, context);
  for (const name of names) controllers.start(name);
  context.informers.start();
  return controllers;
}
