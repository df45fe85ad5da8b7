import { parseArgs } from 'node:util';

/** What `npm run cluster` was asked for. */
export interface Flags {
  readonly port: number;
  readonly nodes: number;
  /** Virtual seconds per second of wall time; Infinity as fast as it goes. */
  readonly speed: number;
  readonly runtime: 'images' | 'instant';
  /** Where the kubeconfig goes. */
  readonly kubeconfig: string;
  readonly seed: number;
  /** File with a KubeSchedulerConfiguration; '' for kube-scheduler's defaults. */
  readonly schedulerConfig: string;
  /** What is installed beyond what every cluster has. */
  readonly addons: readonly string[];
  /** Serve HTTPS, and know clients by certificates. */
  readonly tls: boolean;
  /** Where audit events go, `-` for standard output, '' for nowhere; and the policy that chooses them. */
  readonly auditLog: string;
  readonly auditPolicy: string;
  /** Seats of the API server; Infinity where priority and fairness are not enforced. How long requests hold them, ms. */
  readonly maxInFlight: number;
  readonly requestMs: number;
  readonly help: boolean;
}

export const USAGE = `npm run cluster -- [flags]: a whole cluster on 127.0.0.1, for the real kubectl and any other client

  --port 8001           where the API server listens; 0 takes a free port
  --nodes 3             how many nodes
  --speed 1             virtual seconds per second; "max" is as fast as it goes
  --runtime images      images: containers run simulated programs; instant: every image exists, containers never exit
  --kubeconfig FILE     where to write the kubeconfig (k8s-cookbook.kubeconfig)
  --seed 1              same seed and same requests: same history
  --scheduler-config F  a KubeSchedulerConfiguration for kube-scheduler, as its --config takes it
  --addons A,B          installs more: metrics-server, cloud-controller-manager, csi-driver
  --tls                 HTTPS with certificates of the cluster's own authority, in the kubeconfig; no one is let in without
  --audit-log FILE      log requests as audit.k8s.io/v1 events, one a line; - is standard output
  --audit-policy FILE   which events, as --audit-policy-file takes it; all of them, without bodies, if not given
  --max-in-flight N     enforce priority and fairness with N seats; requests queue, or are turned away with 429
  --request-ms 5        how long a request holds its seat then, virtual milliseconds
`;

/** A mistake on the command line, in words for whoever made it. */
export class FlagError extends Error {}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least) {
    throw new FlagError(`--${name} ${text}: give a number of at least ${least}.`);
  }
  return value;
}

/** Reads the command line; throws FlagError when it makes no sense. */
export function readFlags(argv: readonly string[]): Flags {
  const values = parse(argv);
  if (values.runtime !== 'images' && values.runtime !== 'instant') {
    throw new FlagError(`--runtime ${values.runtime}: it is images or instant.`);
  }
  return {
    port: number('port', values.port, 0),
    nodes: number('nodes', values.nodes, 0),
    speed: values.speed === 'max' ? Infinity : number('speed', values.speed, 0.001),
    runtime: values.runtime,
    kubeconfig: values.kubeconfig,
    seed: number('seed', values.seed, 0),
    schedulerConfig: values['scheduler-config'],
    addons: values.addons === '' ? [] : values.addons.split(','),
    tls: values.tls,
    auditLog: values['audit-log'],
    auditPolicy: values['audit-policy'],
    maxInFlight: values['max-in-flight'] === '' ? Infinity : number('max-in-flight', values['max-in-flight'], 1),
    requestMs: number('request-ms', values['request-ms'], 0),
    help: values.help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string', default: '8001' },
        nodes: { type: 'string', default: '3' },
        speed: { type: 'string', default: '1' },
        runtime: { type: 'string', default: 'images' },
        kubeconfig: { type: 'string', default: 'k8s-cookbook.kubeconfig' },
        seed: { type: 'string', default: '1' },
        'scheduler-config': { type: 'string', default: '' },
        addons: { type: 'string', default: '' },
        tls: { type: 'boolean', default: false },
        'audit-log': { type: 'string', default: '' },
        'audit-policy': { type: 'string', default: '' },
        'max-in-flight': { type: 'string', default: '' },
        'request-ms': { type: 'string', default: '5' },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new FlagError((error as Error).message);
  }
}
