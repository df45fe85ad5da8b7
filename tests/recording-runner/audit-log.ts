import type { ApiServer } from '../../src/apiserver/index.ts';

/** A write as it was asked for, and how it was answered. */
export interface Write {
  readonly component: string;
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  code: number;
}

/** The writes of every component, as the audit log of a real API server has them. */
export class AuditLog {
  #writes: Write[] | undefined;

  /** Listens to an API server; to one namespace of it where that is named. */
  constructor(apiserver: ApiServer, namespace?: string) {
    const serve = apiserver.serve.bind(apiserver);
    apiserver.serve = (request) => {
      const { verb, resource, subresource, userAgent, body } = request;
      const heard = this.#writes && !/^(get|list|watch)$/.test(verb);
      if (!heard || (namespace !== undefined && request.namespace !== namespace)) return serve(request);
      const asked = (body as { metadata?: { name?: string } } | undefined)?.metadata?.name;
      const write = {
        component: userAgent.split(/[ /]/)[0]!,
        verb,
        resource: subresource ? `${resource}/${subresource}` : resource,
        name: request.name ?? asked ?? '',
        code: 500,
      };
      this.#writes!.push(write);
      try {
        const response = serve(request);
        write.code = response.code;
        return response;
      } catch (error) {
        write.code = (error as { code?: number }).code ?? 500;
        throw error;
      }
    };
  }

  start(): void {
    this.#writes = [];
  }

  stop(): Write[] {
    const found = this.#writes ?? [];
    this.#writes = undefined;
    return found;
  }
}
