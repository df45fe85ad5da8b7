export { startClusterServer, type ClusterServer, type ClusterServerOptions } from './cluster-server.ts';
export { kubeconfig, RIG_NAMES } from './kubeconfig.ts';
