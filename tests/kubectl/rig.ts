import { ADMIN, createCluster, type Cluster, type ClusterSpec } from '../../src/cluster/index.ts';
import { runKubectl, type KubectlConfig } from '../../src/kubectl/index.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Virtual time after which a command is taken to wait for ever. */
const PATIENCE_MS = 600_000;

/** A cluster and kubectl, with a folder of files. */
export class KubectlRig {
  readonly cluster: Cluster;
  readonly files = new Map<string, string>();
  readonly config: KubectlConfig = { namespace: 'default', user: ADMIN };
  /** Stands for what KUBE_EDITOR names: what becomes of a file. */
  editor: ((text: string) => string) | undefined;

  constructor(spec: Partial<ClusterSpec> = {}) {
    this.cluster = createCluster({ seed: 5, nodes: 2, trace: { capacity: 0 }, ...spec });
    this.cluster.kernel.runFor(30_000);
  }

  #edit(path: string): Promise<number> {
    this.files.set(path, this.editor!(this.files.get(path)!));
    return Promise.resolve(0);
  }

  /** Runs a command line that has no quotes; `stdin` is what it reads. */
  async run(line: string, stdin?: string): Promise<Ended> {
    const { kernel, apiserver } = this.cluster;
    const said = { stdout: '', stderr: '' };
    const { files } = this;
    const running = runKubectl(line.split(' ').filter(Boolean), {
      transport: { request: (request) => apiserver.http(request) },
      stdout: (text) => (said.stdout += text),
      stderr: (text) => (said.stderr += text),
      files: {
        read: (path) => files.get(path),
        list: (path) => (path === '.' ? [...files.keys()] : undefined),
        write: (path, text) => void files.set(path, text),
      },
      stdin,
      config: this.config,
      editor: this.editor && { command: 'an editor', open: (path) => this.#edit(path) },
      now: () => kernel.now,
      sleep: (ms) => new Promise((resolve) => kernel.after(ms, 'kubectl', resolve)),
    });
    let code = typeof running === 'number' ? running : undefined;
    void Promise.resolve(running).then((value) => (code = value));
    const end = kernel.now + PATIENCE_MS;
    while (code === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      if (code === undefined && (kernel.now > end || !kernel.step())) throw new Error(`kubectl ${line} waits for ever`);
    }
    return { code, ...said };
  }
}
