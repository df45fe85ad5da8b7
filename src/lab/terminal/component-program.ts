import type { Run } from '../run.ts';
import type { Program } from './program.ts';

const USAGE = 'usage: component [start|stop NAME]\n';

/** `component`: what no kubectl can do, but whoever owns the machines: stop and start the cluster's components. */
export const componentProgram =
  (run: () => Run): Program =>
  ([verb, name], io) => {
    const { cluster } = run();
    if (verb === undefined) {
      for (const component of cluster.components) {
        io.stdout(`${component.padEnd(32)} ${cluster.isRunning(component) ? 'running' : 'stopped'}\n`);
      }
      return 0;
    }
    if ((verb !== 'start' && verb !== 'stop') || name === undefined) {
      io.stderr(USAGE);
      return 2;
    }
    if (!cluster.components.includes(name)) {
      io.stderr(`component: there is no "${name}"; "component" lists them\n`);
      return 1;
    }
    run().component(name, verb === 'start' ? 'on' : 'off');
    return 0;
  };
