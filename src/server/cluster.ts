/** `npm run cluster`: serves a cluster on loopback until it is interrupted. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AuditPolicyError } from '../apiserver/audit/audit-policy.ts';
import { UnknownAddonError } from '../cluster/index.ts';
import { ConfigurationError } from '../scheduler/index.ts';
import { auditToFile } from './audit-file.ts';
import { startClusterServer } from './cluster-server.ts';
import { FlagError, readFlags, USAGE, type Flags } from './flags.ts';
import { kubeconfig, RIG_NAMES } from './kubeconfig.ts';
import { readSchedulerConfig } from './scheduler-config.ts';

async function serve(flags: Flags): Promise<void> {
  const { port, nodes, speed, runtime, seed, addons } = flags;
  const audit = flags.auditLog ? auditToFile(flags.auditLog, flags.auditPolicy) : undefined;
  const scheduler = flags.schedulerConfig === '' ? {} : { scheduler: readSchedulerConfig(flags.schedulerConfig) };
  const server = await startClusterServer({
    port,
    nodes,
    speed,
    runtime,
    seed,
    addons,
    tls: flags.tls,
    audit,
    ...(flags.maxInFlight === Infinity ? {} : { inFlight: { seats: flags.maxInFlight, requestMs: flags.requestMs } }),
    ...scheduler,
  });
  const file = resolve(flags.kubeconfig);
  const names = runtime === 'instant' ? { names: RIG_NAMES } : {};
  writeFileSync(file, kubeconfig(server.url, server.token, { ...names, tls: server.tls }), { mode: 0o600 });
  process.stdout.write(
    `A cluster of ${nodes} node${nodes === 1 ? '' : 's'} (runtime ${runtime}, seed ${seed}) answers at ${server.url}\n\n` +
      `  export KUBECONFIG=${file}\n` +
      `  kubectl get nodes\n\n` +
      `Ctrl-C ends it.\n`,
  );
  const stop = (): void => {
    process.stdout.write('\n');
    void server.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

try {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(USAGE);
  else await serve(flags);
} catch (error) {
  const known =
    error instanceof FlagError ||
    error instanceof UnknownAddonError ||
    error instanceof AuditPolicyError ||
    error instanceof ConfigurationError ||
    (error as { code?: string }).code === 'EADDRINUSE';
  process.stderr.write(known ? `${(error as Error).message}\n` : `${(error as Error).stack}\n`);
  process.exitCode = 1;
}
