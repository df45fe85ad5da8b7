/** Runs commands in containers, over a WebSocket as kubectl does. */
import { inject } from 'vitest';
import WebSocket from 'ws';
import { pods } from './kinds.ts';

const STDOUT = 1;
const STDERR = 2;
const RESULT = 3;

/** What a command printed, however it ended. */
export interface Executed {
  readonly output: string;
  readonly succeeded: boolean;
}

/** Runs a command; `container` is the first one unless given. */
export function exec(ns: string, pod: string, command: readonly string[], container?: string): Promise<Executed> {
  const query = new URLSearchParams([
    ...command.map((word) => ['command', word]),
    ['stdout', 'true'],
    ['stderr', 'true'],
    ...(container ? [['container', container]] : []),
  ]);
  const url = `${inject('server').replace('http', 'ws')}${pods(ns).path}/${pod}/exec?${query.toString()}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'v5.channel.k8s.io');
    let output = '';
    let result = '';
    socket.on('message', (data: Buffer) => {
      const text = data.subarray(1).toString();
      if (data[0] === STDOUT || data[0] === STDERR) output += text;
      else if (data[0] === RESULT) result += text;
    });
    socket.on('unexpected-response', (_, { statusCode }) => reject(new Error(`exec was answered with ${statusCode}`)));
    socket.on('error', reject);
    socket.on('close', () => resolve({ output, succeeded: result.includes('"Success"') }));
  });
}

/** What a shell prints for a script. */
export const shell = async (ns: string, pod: string, script: string, container?: string): Promise<string> =>
  (await exec(ns, pod, ['sh', '-c', script], container)).output;
