import { CustomResourceDefinitionKind } from '../../api/apiextensions/custom-resource-definition.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import { Loopback } from '../loopback.ts';
import type { ApiServer } from '../server.ts';
import { storagePrefix } from '../storage-keys.ts';
import { withApproval } from './approval.ts';
import { cleanUp, inProgress, needsCleanup, withCleanup } from './cleanup.ts';
import { isTrue, withCondition, type Definition } from './definition.ts';
import { withAcceptedNames } from './names.ts';
import { ServedDefinition, type DefinitionTools } from './served-definition.ts';

const COMPONENT = 'kube-apiserver';

/** How often a definition that waits for its instances looks for them. */
const CLEANUP_INTERVAL_MS = 5_000;

/**
 * Looks after CustomResourceDefinitions: gives them their names, serves what they define, and removes their instances
 * with them. The controllers that do this in apiextensions-apiserver are one here, which looks at a definition a moment
 * after it has changed.
 */
export class CustomResources {
  readonly #server: ApiServer;
  readonly #tools: DefinitionTools;
  readonly #loopback: Loopback;
  readonly #prefix = storagePrefix(CustomResourceDefinitionKind);
  readonly #served = new Map<string, ServedDefinition>();
  readonly #due = new Set<string>();

  constructor(server: ApiServer, tools: DefinitionTools) {
    this.#server = server;
    this.#tools = tools;
    this.#loopback = new Loopback(server);
    server.addHooks(CustomResourceDefinitionKind, {
      deleting: (object, now) => withCleanup(object as unknown as Definition, now) as unknown as UntypedObject,
    });
    server.etcd.watch({ prefix: this.#prefix }, (changes) => {
      for (const { entry } of changes) this.#look(entry.key.slice(this.#prefix.length));
    });
    for (const { metadata } of this.#definitions) this.#look(metadata.name);
  }

  get #definitions(): Definition[] {
    return this.#server.etcd.range({ prefix: this.#prefix }).entries.map(({ value }) => value as Definition);
  }

  #look(name: string, delayMs = this.#server.options.watchLatencyMs): void {
    if (this.#due.has(name)) return;
    this.#due.add(name);
    this.#server.kernel.after(delayMs, COMPONENT, () => {
      this.#due.delete(name);
      this.#sync(name);
    });
  }

  #sync(name: string): void {
    const definition = this.#loopback.get(CustomResourceDefinitionKind, name);
    if (!definition) {
      this.#served.get(name)?.remove();
      this.#served.delete(name);
      // Somebody may have waited for the names.
      this.#lookAtOthers(name, name.slice(name.indexOf('.') + 1));
      return;
    }
    const now = formatTime(this.#server.kernel.now);
    const named = withAcceptedNames(definition, this.#definitions, now);
    const next = withApproval(named, now);
    if (next !== definition) {
      this.#write(next);
      if (named !== definition) this.#lookAtOthers(name, definition.spec.group);
      return;
    }
    if (isTrue(definition, 'NamesAccepted') && !isTrue(definition, 'Established')) {
      const established = {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      };
      // What is established is served: nobody who reads the condition comes too early.
      const served = withCondition(definition, established, now);
      this.#serve(served);
      this.#write(served);
      return;
    }
    if (isTrue(definition, 'Established')) this.#serve(definition);
    if (needsCleanup(definition)) this.#cleanUp(definition, now);
  }

  #serve(definition: Definition): void {
    const { name } = definition.metadata;
    let served = this.#served.get(name);
    if (!served) this.#served.set(name, (served = new ServedDefinition(this.#server, this.#tools)));
    served.update(definition);
  }

  #cleanUp(definition: Definition, now: string): void {
    const { name } = definition.metadata;
    const begun = inProgress(definition, now);
    if (begun.status!.conditions!.find(({ type }) => type === 'Terminating')!.reason !== reasonOf(definition)) {
      this.#write(begun);
      return;
    }
    const done = cleanUp(this.#server, definition, this.#served.get(name)?.endpoint);
    if (done) this.#write(done);
    else this.#look(name, CLEANUP_INTERVAL_MS);
  }

  #lookAtOthers(name: string, group: string): void {
    for (const { metadata, spec } of this.#definitions)
      if (spec.group === group && metadata.name !== name) this.#look(metadata.name);
  }

  #write(definition: Definition): void {
    try {
      this.#loopback.update(CustomResourceDefinitionKind, definition, 'status');
    } catch (error) {
      // Changed or gone meanwhile: that is looked at anyway.
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) throw error;
    }
  }
}

const reasonOf = ({ status }: Definition): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Terminating')?.reason;
