import { signal } from '@preact/signals';
import type { LabSetup } from '../../lab/definition.ts';
import type { LabClient, LabTrouble } from '../../lab/client.ts';
import type { LabMessage, Locale } from '../../lab/protocol.ts';
import type { LabModel } from './model.ts';

export type ConnectionState = 'waiting' | 'starting' | 'running' | 'failed';

/** The page's line to a lab's cluster: opened when it is first needed, then for as long as the page lives. */
export class Connection {
  readonly state = signal<ConnectionState>('waiting');
  /** The last thing that went wrong. */
  readonly trouble = signal<LabTrouble | undefined>(undefined);
  /** The last thing that the session had to say. */
  readonly message = signal<LabMessage | undefined>(undefined);
  readonly #setup: LabSetup;
  readonly #locale: Locale;
  readonly #model: LabModel;
  #client: Promise<LabClient> | undefined;
  #visible = true;

  constructor(setup: LabSetup, locale: Locale, model: LabModel) {
    this.#setup = setup;
    this.#locale = locale;
    this.#model = model;
  }

  session(): Promise<LabClient> {
    return (this.#client ??= this.#start());
  }

  /** Time runs only while the lab is seen. The first sight starts it. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible || this.#client) this.session().then((client) => client.setVisible(this.#visible), this.#ignore);
  }

  /** The reader goes on: what went wrong before is no news any more. */
  forgetTrouble(): void {
    if (this.state.peek() === 'running') this.trouble.value = undefined;
    this.message.value = undefined;
  }

  /** Starts again after a failure. */
  retry(): void {
    this.#client = undefined;
    this.trouble.value = undefined;
    this.session().catch(this.#ignore);
  }

  async #start(): Promise<LabClient> {
    this.state.value = 'starting';
    try {
      const { startLab } = await import('../../lab/client.ts');
      const { client, opened } = startLab(this.#setup, this.#locale, {
        onFrame: (frame) => {
          this.#model.apply(frame);
          if (frame.message) this.message.value = frame.message;
          if (this.state.peek() !== 'running') this.state.value = 'running';
        },
        onTrouble: (trouble) => {
          this.trouble.value = trouble;
          this.state.value = trouble.outcome === 'failed' ? 'failed' : 'starting';
        },
      });
      await opened;
      return client;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    if (this.trouble.peek()?.outcome !== 'failed') {
      const detail = error instanceof Error ? error.message : String(error);
      this.trouble.value = { kind: 'crashed', detail, outcome: 'failed' };
    }
    this.state.value = 'failed';
  }

  /** What failed is in `trouble` already. */
  readonly #ignore = (): void => undefined;
}
