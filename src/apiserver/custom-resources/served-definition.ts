import { apiVersionOf } from '../../api/kind.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import type { ApiServer } from '../server.ts';
import { conversionTo, renameVersion, type Converter } from './conversion.ts';
import { customResourceKind } from './custom-resource-kind.ts';
import { ObjectForm } from './decoding.ts';
import { isTrue, schemaOfVersion, type Definition } from './definition.ts';

/** What the serving of definitions is done with. */
export interface DefinitionTools {
  /** The conversion of a definition whose strategy is Webhook. */
  readonly webhookConverter: (definition: Definition) => Converter;
}

/** What is served of one definition: an endpoint for each of its versions, over one store. */
export class ServedDefinition {
  readonly #server: ApiServer;
  readonly #tools: DefinitionTools;
  #definition: Definition | undefined;
  #endpoints: readonly Endpoint[] = [];
  #store: ObjectStore | undefined;

  constructor(server: ApiServer, tools: DefinitionTools) {
    this.#server = server;
    this.#tools = tools;
  }

  /** Any of its endpoints, for those who look after all instances. */
  get endpoint(): Endpoint | undefined {
    return this.#endpoints[0];
  }

  /** Serves what the definition says now; nothing changes when it says nothing new. */
  update(definition: Definition): void {
    const before = this.#definition;
    this.#definition = definition;
    if (before && sameService(before, definition)) return;
    const { versions, conversion } = definition.spec;
    const forms = new Map(versions.map((version) => [version.name, new ObjectForm(schemaOfVersion(version))]));
    const convert = conversion?.strategy === 'Webhook' ? this.#tools.webhookConverter(definition) : renameVersion;
    const kinds = versions.map((version) => ({
      version,
      kind: customResourceKind(definition, version, forms.get(version.name)!),
    }));
    const stored = kinds.find(({ version }) => version.storage)!.kind;
    this.#store ??= this.#server.stores.custom(stored);
    this.#store.kind = stored;
    const endpoints = kinds
      .filter(({ version }) => version.served)
      .map(({ version, kind }) => ({
        kind,
        store: this.#store!,
        conversion: conversionTo(version.name, definition, forms, convert),
      }));
    const table = this.#server.endpoints;
    for (const old of this.#endpoints) {
      if (!endpoints.some(({ kind }) => apiVersionOf(kind) === apiVersionOf(old.kind))) table.remove(old);
    }
    for (const endpoint of endpoints) table.add(endpoint);
    this.#endpoints = endpoints;
    // Watches began with the old form: their clients open new ones.
    if (before) this.#closeWatches();
  }

  /** Serves nothing any more. */
  remove(): void {
    for (const endpoint of this.#endpoints) this.#server.endpoints.remove(endpoint);
    this.#endpoints = [];
    this.#closeWatches();
    if (this.#store) this.#server.stores.remove(this.#store);
    this.#store = undefined;
    this.#definition = undefined;
  }

  #closeWatches(): void {
    if (!this.#store) return;
    const delayMs = this.#server.options.watchLatencyMs;
    for (const watcher of [...this.#store.cache.watchers]) watcher.closeAfter(delayMs);
  }
}

/** Whether two states of a definition are served alike. */
const sameService = (a: Definition, b: Definition): boolean =>
  a.spec === b.spec &&
  a.status?.acceptedNames === b.status?.acceptedNames &&
  isTrue(a, 'Terminating') === isTrue(b, 'Terminating');
