import { ADMIN, createCluster, type Cluster } from '../../src/cluster/index.ts';
import { runKubectl, type KubectlConfig } from '../../src/kubectl/index.ts';
import { Folder } from './folder.ts';
import { Normaliser } from './normalise.ts';
import { programs, type Program } from './programs.ts';
import { Shell } from './shell.ts';

export const NAMESPACE = 'lab';
/** What a run of the real kubectl takes: the cluster goes on meanwhile. */
const KUBECTL_MS = 80;
const SETTLE_MS = 30_000;

interface Write {
  readonly component: string;
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  code: number;
}

/** A cluster as the recordings' rig has it, a namespace of its own, and a shell with our kubectl. */
export class Rig {
  readonly cluster: Cluster;
  readonly folder = new Folder();
  readonly normaliser = new Normaliser();
  readonly #shell: Shell;
  readonly #config: KubectlConfig;
  #revision = 0;
  #audit: Write[] | undefined;

  constructor(files: Readonly<Record<string, string>>) {
    this.cluster = createCluster({ seed: 1, nodes: 3, runtime: 'instant', trace: { capacity: 0 } });
    this.cluster.kernel.runFor(SETTLE_MS);
    for (const [path, text] of Object.entries(files)) this.folder.write(path, withNamespace(text));
    this.#config = { namespace: NAMESPACE, user: ADMIN, context: 'c', cluster: 'k', userName: 'u' };
    this.#shell = new Shell({ ...programs, kubectl: this.#kubectl }, this.folder, (ms) => this.advance(ms));
    this.#listen();
  }

  /** Keeps the audit log: every write as it was asked for, and how it was answered. */
  #listen(): void {
    const { apiserver } = this.cluster;
    const serve = apiserver.serve.bind(apiserver);
    apiserver.serve = (request) => {
      if (!this.#audit || /^(get|list|watch)$/.test(request.verb)) return serve(request);
      const { verb, resource, subresource, userAgent, body } = request;
      const asked = (body as { metadata?: { name?: string } } | undefined)?.metadata?.name;
      const write = {
        component: userAgent.split(/[ /]/)[0]!,
        verb,
        resource: subresource ? `${resource}/${subresource}` : resource,
        name: request.name ?? asked ?? '',
        code: 500,
      };
      this.#audit.push(write);
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

  async start(): Promise<void> {
    await this.run(`kubectl create namespace ${NAMESPACE}`);
    this.advance(1500);
  }

  advance(ms: number): void {
    this.cluster.kernel.runFor(ms);
  }

  run(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
    return this.#shell.run(withNamespace(line), { NAMESPACE });
  }

  startAudit(): void {
    this.#audit = [];
  }

  stopAudit(): Write[] {
    const found = this.#audit ?? [];
    this.#audit = undefined;
    return found;
  }

  /** Tells the normaliser what names and hashes were generated since it last looked. */
  learnNames(): void {
    for (const change of this.cluster.etcd.history(this.#revision + 1)) {
      const { entry } = change as unknown as { entry: { value: unknown; modRevision: number } };
      const object = (
        entry as { value?: { metadata?: Record<string, unknown>; spec?: { volumes?: { name: string }[] } } }
      ).value;
      const metadata = object?.metadata as
        { name?: string; generateName?: string; labels?: Record<string, string> } | undefined;
      if (!metadata) continue;
      for (const label of ['pod-template-hash', 'controller-revision-hash', 'controller.kubernetes.io/hash']) {
        const value = metadata.labels?.[label];
        if (value) this.normaliser.addHash(value.includes('-') ? value.slice(value.lastIndexOf('-') + 1) : value);
      }
      if (metadata.generateName && metadata.name) this.normaliser.addGenerated(metadata.generateName, metadata.name);
      for (const volume of object?.spec?.volumes ?? []) this.normaliser.addGenerated('kube-api-access-', volume.name);
    }
    this.#revision = this.cluster.etcd.revision;
  }

  readonly #kubectl: Program = async (args, io) => {
    this.advance(KUBECTL_MS);
    const { kernel, apiserver } = this.cluster;
    const running = runKubectl(args, {
      transport: { request: (request) => apiserver.http(request) },
      stdout: (text) => io.out(text),
      stderr: (text) => io.err(text),
      files: { read: (path) => this.folder.read(path), list: (path) => this.folder.list(path) },
      stdin: io.stdin,
      config: this.#config,
      now: () => kernel.now,
      sleep: (ms) => new Promise((resolve) => kernel.after(ms, 'kubectl', resolve)),
    });
    if (typeof running === 'number') return running;
    let code: number | undefined;
    let failure: unknown;
    running.then(
      (value) => (code = value),
      (error: unknown) => ((failure = error), (code = -1)),
    );
    const end = kernel.now + 600_000;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (failure !== undefined) throw failure;
      if (code !== undefined) return code;
      if (kernel.now > end) throw new Error(`kubectl ${args.join(' ')} waits for ever`);
      // Many events at a time: what kubectl waits for comes by one of them.
      for (let i = 0; i < 20 && code === undefined; i++) if (!kernel.step()) throw new Error('nothing left to happen');
    }
  };
}

const withNamespace = (text: string): string => text.replaceAll('$NAMESPACE', NAMESPACE);
