import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { kubeconfig, RIG_NAMES, type ClusterServer } from '../../src/server/index.ts';
import { AuditLog, type Write } from './audit-log.ts';
import { GeneratedNames } from './generated-names.ts';
import { Normaliser } from './normalise.ts';
import { NAMESPACE } from './rig.ts';
import type { Stage } from './stage.ts';

/** No command of a recording takes longer; one that does has lost its server. */
const COMMAND_MS = 120_000;
const POLL_MS = 50;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let stages = 0;

/** The real kubectl and the real bash, in a namespace of their own of a cluster that is reached over HTTP. */
export class HttpStage implements Stage {
  readonly normaliser = new Normaliser();
  readonly #server: ClusterServer;
  readonly #namespace: string;
  readonly #home = mkdtempSync(join(tmpdir(), 'recording-'));
  readonly #environment: NodeJS.ProcessEnv;
  readonly #names: GeneratedNames;
  #audit: AuditLog | undefined;

  /** `kubectl`: the path of the real one, or its name on PATH. */
  constructor(server: ClusterServer, kubectl: string, files: Readonly<Record<string, string>>) {
    this.#server = server;
    this.#namespace = `t${process.pid.toString(36)}x${++stages}q`;
    this.#names = new GeneratedNames(server.cluster.etcd, this.normaliser, server.cluster.etcd.revision);
    this.#environment = {
      ...process.env,
      PATH: isAbsolute(kubectl) ? `${dirname(kubectl)}${delimiter}${process.env['PATH'] ?? ''}` : process.env['PATH'],
      HOME: this.#home,
      KUBECONFIG: join(this.#home, 'kubeconfig'),
      NAMESPACE: this.#namespace,
    };
    writeFileSync(
      join(this.#home, 'kubeconfig'),
      kubeconfig(server.url, server.token, { namespace: this.#namespace, names: RIG_NAMES }),
    );
    mkdirSync(this.#folder);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.#folder, path)), { recursive: true });
      writeFileSync(join(this.#folder, path), this.#own(text));
    }
  }

  get #folder(): string {
    return join(this.#home, 'work');
  }

  #own(text: string): string {
    return text.replaceAll('$NAMESPACE', this.#namespace);
  }

  get now(): number {
    return this.#server.cluster.kernel.now;
  }

  async start(): Promise<void> {
    await this.run(`kubectl create namespace ${this.#namespace}`);
    const ready = (): boolean =>
      ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'].every((path) => {
        const [resource, name] = path.split('/') as [string, string];
        return this.#server.cluster.apiserver.endpoints.find('', 'v1', resource)?.store.get(this.#namespace, name);
      });
    while (!ready()) await this.advance(POLL_MS);
  }

  advance(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async run(line: string): Promise<Ran> {
    const { code, stdout, stderr } = await this.#bash(this.#own(line));
    const recorded = (text: string): string => text.replaceAll(this.#namespace, NAMESPACE);
    return { code, stdout: recorded(stdout), stderr: recorded(stderr) };
  }

  #bash(line: string): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = spawn('bash', ['-c', line], { cwd: this.#folder, env: this.#environment, detached: true });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on('data', (data: Buffer) => stdout.push(data));
      child.stderr.on('data', (data: Buffer) => stderr.push(data));
      child.stdin.end();
      // The whole group: a pipe has several members.
      const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), COMMAND_MS);
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
        resolve({ code: code ?? 137, stdout: text(stdout), stderr: text(stderr) });
      });
    });
  }

  learnNames(): void {
    this.#names.learn();
  }

  startAudit(): void {
    this.#audit ??= new AuditLog(this.#server.cluster.apiserver, this.#namespace);
    this.#audit.start();
  }

  stopAudit(): Write[] {
    return (this.#audit?.stop() ?? []).map((write) => ({
      ...write,
      name: write.name.replaceAll(this.#namespace, NAMESPACE),
    }));
  }

  async end(): Promise<void> {
    await this.run(`kubectl delete namespace ${this.#namespace} --wait=false`);
    rmSync(this.#home, { recursive: true, force: true });
  }
}
