import type { Command } from '../cli/command.ts';
import { apiResourcesCommand, apiVersionsCommand, versionCommand } from './api.ts';
import { applyCommand } from './apply.ts';
import { authCommand } from './auth.ts';
import { autoscaleCommand } from './autoscale.ts';
import { certificateCommand } from './certificate.ts';
import { clusterInfoCommand } from './cluster-info.ts';
import { completionCommand } from './completion.ts';
import { configCommand } from './config.ts';
import { createCommand } from './create.ts';
import { debugCommand } from './debug/debug.ts';
import { deleteCommand } from './delete.ts';
import { describeCommand } from './describe.ts';
import { diffCommand } from './diff.ts';
import { drainCommand } from './drain/drain.ts';
import { editCommand } from './edit.ts';
import { eventsCommand } from './events.ts';
import { explainCommand } from './explain.ts';
import { exposeCommand } from './expose.ts';
import { getCommand } from './get.ts';
import { kustomizeCommand } from './kustomize.ts';
import { logsCommand } from './logs.ts';
import { annotateCommand, labelCommand } from './metadata.ts';
import { cordonCommand, taintCommand, uncordonCommand } from './nodes.ts';
import { patchCommand } from './patch.ts';
import { attachCommand } from './remote/attach.ts';
import { cpCommand } from './remote/cp.ts';
import { execCommand } from './remote/exec.ts';
import { portForwardCommand } from './remote/port-forward.ts';
import { pluginCommand } from './plugin.ts';
import { proxyCommand } from './proxy.ts';
import { replaceCommand } from './replace.ts';
import { rolloutCommand } from './rollout/rollout.ts';
import { runCommand } from './run-pod.ts';
import { scaleCommand } from './scale.ts';
import { setCommand } from './set/set.ts';
import { topCommand } from './top/top.ts';
import { waitCommand } from './wait.ts';

/** Commands that may yet change; there are none now. */
const alphaCommand: Command = {
  name: 'alpha',
  short: 'Commands for features in alpha',
  run: ({ io }) => io.stderr('No alpha commands are available in this version of kubectl\n'),
};

/** kubectl itself; commands in the order in which it lists and suggests them. */
export const rootCommand: Command = {
  name: 'kubectl',
  short: 'kubectl controls the Kubernetes cluster manager',
  long: 'kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/',
  usage: 'kubectl [flags] [options]',
  alone: { to: 'stdout', code: 0 },
  commands: [
    createCommand,
    exposeCommand,
    runCommand,
    setCommand,
    explainCommand,
    getCommand,
    editCommand,
    deleteCommand,
    rolloutCommand,
    scaleCommand,
    autoscaleCommand,
    certificateCommand,
    clusterInfoCommand,
    topCommand,
    cordonCommand,
    uncordonCommand,
    drainCommand,
    taintCommand,
    describeCommand,
    logsCommand,
    attachCommand,
    execCommand,
    portForwardCommand,
    proxyCommand,
    cpCommand,
    authCommand,
    debugCommand,
    eventsCommand,
    applyCommand,
    diffCommand,
    patchCommand,
    replaceCommand,
    waitCommand,
    kustomizeCommand,
    labelCommand,
    annotateCommand,
    completionCommand,
    apiResourcesCommand,
    apiVersionsCommand,
    configCommand,
    pluginCommand,
    versionCommand,
    alphaCommand,
  ],
};
