export { startClusterServer, type ClusterServer, type ClusterServerOptions } from './cluster-server.ts';
export { kubeconfig } from './kubeconfig.ts';
