import { ADMIN, createCluster, type Cluster } from '../../src/cluster/index.ts';
import { runKubectl, type KubectlConfig, type KubectlEditor } from '../../src/kubectl/index.ts';
import { plainProse } from '../../src/server/api-prose.ts';
import { AuditLog, type Write } from './audit-log.ts';
import { Folder } from './folder.ts';
import { GeneratedNames } from './generated-names.ts';
import { Normaliser } from './normalise.ts';
import { programs, type Program, type ProgramIo } from './programs.ts';
import { Shell } from './shell.ts';
import type { Stage } from './stage.ts';

export const NAMESPACE = 'lab';
/** What a run of the real kubectl takes: the cluster goes on meanwhile. */
const KUBECTL_MS = 80;
const SETTLE_MS = 30_000;

/** A cluster as the recordings' rig has it, a namespace of its own, and a shell with our kubectl. */
export class Rig implements Stage {
  readonly cluster: Cluster;
  readonly folder = new Folder();
  readonly normaliser = new Normaliser();
  readonly #shell: Shell;
  readonly #config: KubectlConfig;
  readonly #audit: AuditLog;
  readonly #names: GeneratedNames;

  constructor(files: Readonly<Record<string, string>>) {
    this.cluster = createCluster({ seed: 1, nodes: 3, runtime: 'instant', trace: { capacity: 0 } });
    this.cluster.apiserver.prose = plainProse;
    this.cluster.kernel.runFor(SETTLE_MS);
    for (const [path, text] of Object.entries(files)) this.folder.write(path, withNamespace(text));
    this.#config = { namespace: NAMESPACE, user: ADMIN, context: 'c', cluster: 'k', userName: 'u' };
    this.#shell = new Shell({ ...programs, kubectl: this.#kubectl }, this.folder, (ms) => this.advance(ms));
    this.#audit = new AuditLog(this.cluster.apiserver);
    this.#names = new GeneratedNames(this.cluster.etcd, this.normaliser);
  }

  async start(): Promise<void> {
    await this.run(`kubectl create namespace ${NAMESPACE}`);
    this.advance(1500);
  }

  get now(): number {
    return this.cluster.kernel.now;
  }

  advance(ms: number): void {
    this.cluster.kernel.runFor(ms);
  }

  run(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
    return this.#shell.run(withNamespace(line), { NAMESPACE });
  }

  startAudit(): void {
    this.#audit.start();
  }

  stopAudit(): Write[] {
    return this.#audit.stop();
  }

  learnNames(): void {
    this.#names.learn();
  }

  /** What KUBE_EDITOR or EDITOR names is given the file as its last argument. */
  #editorOf({ environment, out, err }: ProgramIo): KubectlEditor | undefined {
    const command = environment?.get('KUBE_EDITOR') ?? environment?.get('EDITOR');
    if (command === undefined) return undefined;
    const open = async (path: string): Promise<number> => {
      const { code, stdout, stderr } = await this.run(`${command} ${path}`);
      out(stdout);
      err(stderr);
      return code;
    };
    return { command, open };
  }

  readonly #kubectl: Program = async (args, io) => {
    this.advance(KUBECTL_MS);
    const { kernel, apiserver } = this.cluster;
    const running = runKubectl(args, {
      transport: { request: (request) => apiserver.http(request) },
      stdout: (text) => io.out(text),
      stderr: (text) => io.err(text),
      files: this.folder,
      stdin: io.stdin,
      config: this.#config,
      now: () => kernel.now,
      editor: this.#editorOf(io),
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
