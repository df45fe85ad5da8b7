/**
 * Sends a command's output on: at once while the receiver keeps up, otherwise gathered until it has taken what came
 * before. A page that draws slowly gets fewer and longer pieces, never a backlog of messages.
 */
export class Outlet {
  readonly #send: (text: string) => void | Promise<void>;
  #waiting = '';
  #sending: Promise<void> | undefined;

  constructor(send: (text: string) => void | Promise<void>) {
    this.#send = send;
  }

  write(text: string): void {
    this.#waiting += text;
    this.#sending ??= this.#run();
  }

  /** Settles when everything written was taken. */
  async drained(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  async #run(): Promise<void> {
    while (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      await this.#send(text);
    }
    this.#sending = undefined;
  }
}
