import type { Command } from '../cli/command.ts';
import { CliError } from '../errors.ts';

const HIGHEST_PORT = 65_535;

/** A page cannot listen on a port, which is all that `kubectl proxy` does. */
export const proxyCommand: Command = {
  name: 'proxy',
  short: 'Run a proxy to the Kubernetes API server',
  flags: {
    'accept-hosts': { type: 'string' },
    'accept-paths': { type: 'string' },
    address: { type: 'string', default: '127.0.0.1' },
    'api-prefix': { type: 'string', default: '/' },
    'append-server-path': { type: 'bool' },
    'disable-filter': { type: 'bool' },
    keepalive: { type: 'duration' },
    port: { type: 'int', short: 'p', default: 8001 },
    'reject-methods': { type: 'string' },
    'reject-paths': { type: 'string' },
    'unix-socket': { type: 'string', short: 'u' },
    www: { type: 'string', short: 'w' },
    'www-prefix': { type: 'string', short: 'P', default: '/static/' },
  },
  run: ({ flags }) => {
    const port = flags.int('port');
    if (port < 0 || port > HIGHEST_PORT) throw new CliError(`listen tcp: address ${port}: invalid port`);
    throw new CliError(
      'nothing can listen on a port here: ask the API server itself, as in kubectl get --raw /api/v1/namespaces',
    );
  },
};
